#!/usr/bin/env python3
"""Every read route at growing numbers of calls, next to its limits, in one run.

    bench/reads.py BUILD_DIR [--calls 1000 100000 1000000] [--agents 500] [--seconds 4] [--reference]

For each number of calls: a fresh `hacksmart serve` on a private PostgreSQL, loaded by load_calls.sql; then wrk with 64 kept
connections on one thread, route by route. Printed: requests a second, p99, CPU microseconds a request of the server and of
PostgreSQL. Limits of the same run: a constant answer of our server (/livez), and one prepared single-row SELECT through pgbench.
--reference runs three routes of reference_equivalent/ (FastAPI, SQLAlchemy) on the same database, with 8 connections.
The load generator shares the cores: rates are lower bounds, CPU figures are the processes' own. Needs wrk and root (PostgreSQL's
own superuser loads the data).
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


def stat_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK, (int(fields[13]) + int(fields[14])) / TICK


def tree_seconds(root):
    """CPU seconds of a process, its living children and those it has waited for."""
    total = 0.0
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            parent, own, waited = stat_of(entry)
        except (OSError, IndexError):
            continue
        if int(entry) == root:
            total += own + waited
        elif parent == root:
            total += own
    return total


class Server:
    """`hacksmart serve` on a private PostgreSQL in `data`."""

    def __init__(self, build, data, port):
        self.base = f"http://127.0.0.1:{port}"
        env = dict(os.environ, DATA_DIR=str(data), LISTEN=f"127.0.0.1:{port}", LEAST_FREE_PERCENT="0", LOG_LEVEL="warn")
        self.process = subprocess.Popen([str(build / "hacksmart"), "serve"], env=env, stderr=open(data / "bench.log", "ab"))
        until = time.monotonic() + 60
        while True:
            try:
                if urllib.request.urlopen(self.base + "/readyz", timeout=2).status == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit(f"the server did not start; see {data}/bench.log")
            time.sleep(0.05)
        self.socket = next(iter(data.rglob(".s.PGSQL.5432")), None)
        if self.socket is None:
            sys.exit("the private PostgreSQL's socket is not under the data directory; use a shorter path")
        self.socket = self.socket.parent
        self.postmaster = int(next(data.rglob("postmaster.pid")).read_text().split()[0])

    def superuser(self, *command, **more):
        return subprocess.run(["runuser", "-u", "postgres", "--", *command], check=True, env=dict(
            os.environ, PGHOST=str(self.socket), PGUSER="postgres", PGDATABASE="hacksmart"), **more)

    def get(self, path):
        with urllib.request.urlopen(self.base + path, timeout=60) as reply:
            return reply.headers, reply.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def wrk(url, seconds, connections, headers=()):
    """Requests a second, p50 and p99 in milliseconds, number of requests, number of those not 2xx or 3xx."""
    flags = [flag for header in headers for flag in ("-H", header)]
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", *flags, url],
                         check=True, capture_output=True, text=True).stdout
    unit = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}

    def percentile(name):
        value, of = re.search(rf"{name}\s+([\d.]+)(us|ms|s|m)\b", out).groups()
        return float(value) * unit[of]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    count = int(re.search(r"(\d+) requests in", out).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, percentile("50%"), percentile("99%"), count, int(bad.group(1)) if bad else 0


def measure(name, url, pids, args, headers=(), connections=64):
    before = [tree_seconds(pid) for pid in pids]
    rate, p50, p99, count, bad = wrk(url, args.seconds, connections, headers)
    spent = [(tree_seconds(pid) - was) / max(1, count) * 1e6 for pid, was in zip(pids, before)]
    cpu = "".join(f"{value:9.0f}" for value in spent)
    print(f"  {name:<44}{rate:10.0f}{p50:9.2f}{p99:9.2f}{cpu}{f'   {bad} BAD' if bad else ''}", flush=True)


def routes_of(server):
    agent = "00000000-0000-4000-8000-000000000007"
    call = json.loads(server.get("/api/calls?limit=1")[1])["data"][0]
    call = call.get("call_id") or call["id"]
    return [
        ("agent stats", f"/api/agents/{agent}/stats"), ("agent details", f"/api/agents/{agent}/details"),
        ("agent performance", f"/api/agent-performance/{agent}"), ("agents search", "/api/agents/search?query=Agent%2017"),
        ("leaderboard", "/api/agents/leaderboard"), ("leaderboard, page of 50", "/api/agents/leaderboard?limit=50"),
        ("leaderboard with trends", "/api/leaderboard?limit=50"), ("india map", "/api/dashboard/india-map"),
        ("cities", "/api/cities"), ("city", "/api/cities/8"), ("city details", "/api/cities/8/details"),
        ("escalation monitor", "/api/escalations/monitor"), ("escalation monitor by score", "/api/escalations/monitor/score?min_score=0.7"),
        ("emergency calls, 60 min", "/api/emergency-calls?window_minutes=60"), ("agent's worst call", f"/api/agents/{agent}/worst-call"),
        ("call status", f"/api/calls/{call}/status"),
        ("calls, newest 50", "/api/calls?limit=50"), ("calls, worst quality first", "/api/calls?limit=50&sort=overall_quality"),
        ("calls of an agent, flagged", f"/api/calls?limit=50&agent_id={agent}&flagged=true"),
        ("config agents", "/config/agents"), ("config issue categories", "/config/issue-categories"),
    ]


def limits(server, args):
    pids = (server.process.pid, server.postmaster)
    measure("limit: constant answer (/livez)", server.base + "/livez", pids, args)
    script = "/tmp/hs-bench-select.sql"
    pathlib.Path(script).write_text("SELECT processing_status FROM calls WHERE tenant_id = '00000000-0000-7000-8000-000000000001' AND "
                                    "id = '01900000-0000-7000-8000-000000000001';\n")
    out = server.superuser("pgbench", "-n", "-M", "prepared", "-c", "8", "-j", "1", "-T", str(int(args.seconds)), "-f", script,
                           "hacksmart", capture_output=True, text=True).stdout
    os.unlink(script)
    print(f"  {'limit: prepared single-row SELECT (pgbench)':<44}{float(re.search(r'tps = ([0-9.]+)', out).group(1)):10.0f}")


def reference(server, args, data):
    port = args.port + 1
    # The superuser has no row security to pay for: the comparison errs in the reference's favour.
    server.superuser("psql", "-qc", "CREATE ROLE reference LOGIN SUPERUSER PASSWORD 'reference'")
    url = f"postgresql://reference@/hacksmart?host={server.socket}"
    process = subprocess.Popen(["runuser", "-u", "postgres", "--", "env", f"DATABASE_URL={url}", "python3", "-m", "uvicorn", "--app-dir",
                                str(HERE / "reference_equivalent"), "app:app", "--port", str(port), "--log-level", "warning"],
                               stderr=open(data / "reference.log", "ab"))
    call = "01900000-0000-7000-8000-000000000001"
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/calls/{call}/status", timeout=60)
                break
            except OSError:
                time.sleep(0.1)
        python = int(subprocess.run(["pgrep", "-f", f"uvicorn.*--port {port}"], capture_output=True, text=True).stdout.split()[-1])
        for name, path in (("call status", f"/api/calls/{call}/status"), ("leaderboard", "/api/agents/leaderboard"),
                           ("india map", "/api/dashboard/india-map")):
            measure("FastAPI + SQLAlchemy: " + name, f"http://127.0.0.1:{port}{path}", (python, server.postmaster), args, connections=8)
    finally:
        process.terminate()
        process.wait(30)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--calls", type=int, nargs="+", default=[1000, 100_000, 1_000_000])
    options.add_argument("--agents", type=int, default=500)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--port", type=int, default=18970)
    options.add_argument("--reference", action="store_true")
    options.add_argument("--folder", default="/tmp", help="where the database is put; 10 million calls need 20 GB")
    args = options.parse_args()
    for calls in args.calls:
        with tempfile.TemporaryDirectory(prefix="hsb", dir=args.folder) as folder:
            os.chmod(folder, 0o755)
            data = pathlib.Path(folder) / "d"
            data.mkdir()
            server = Server(args.build.resolve(), data, args.port)
            try:
                begun = time.monotonic()
                server.superuser("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"calls={calls}", "-v", f"agents={args.agents}",
                                 stdin=open(HERE / "load_calls.sql"))
                print(f"{calls} calls, {args.agents} agents (loaded in {time.monotonic() - begun:.0f} s; load "
                      f"{os.getloadavg()[0]:.1f})\n  {'64 connections':<44}{'per s':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}"
                      f"{'PG us':>9}", flush=True)
                limits(server, args)
                for name, path in routes_of(server):
                    try:
                        headers, _ = server.get(path)
                    except urllib.error.HTTPError as error:
                        print(f"  {name:<44}answered {error.code}")
                        continue
                    measure(name, server.base + path, (server.process.pid, server.postmaster), args)
                    if headers.get("ETag") and name in ("leaderboard", "india map", "agent stats", "city"):
                        measure(name + ", 304", server.base + path, (server.process.pid, server.postmaster), args,
                                [f"If-None-Match: {headers['ETag']}"])
                if args.reference:
                    reference(server, args, data)
            finally:
                server.stop()


main()
