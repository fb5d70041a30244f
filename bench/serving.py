#!/usr/bin/env python3
"""Ingest, reads and start-up of the real program, next to the limits of the machine, in one run.

    bench/serving.py BUILD_DIR [--seconds 5] [--clients 8]

Starts `hacksmart serve` (no workers: nothing competes) on a private PostgreSQL in a temporary folder and prints:
start cold and warm; uploads a second with p50/p99, beside fsynced writes of the same bytes and pgbench's INSERT;
single-row reads a second with p99 and the server's CPU a request, beside a constant answer. Figures are for the
machine and the moment: compare only what stands in one run. Python 3 standard library only; the client is slow, so
rates are lower bounds, the CPU figures are the server's own.
"""
import argparse
import http.client
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Server:
    def __init__(self, build, data, port):
        self.port = port
        self.log = open(data / "bench.log", "ab")
        env = dict(os.environ, DATA_DIR=str(data), LISTEN=f"127.0.0.1:{port}", LEAST_FREE_PERCENT="0",
                   LOG_LEVEL="warn", MAX_QUEUE_LENGTH="100000000")
        begun = time.monotonic()
        self.process = subprocess.Popen([str(build / "hacksmart"), "serve"], env=env, stderr=self.log)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - begun > 60:
                sys.exit("the server did not start; see " + self.log.name)
            time.sleep(0.01)
        self.start_seconds = time.monotonic() - begun

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def run_clients(count, seconds, work):
    """Runs work(connection-less index) in `count` threads; gives all durations and the time it took."""
    took = [[] for _ in range(count)]
    until = time.monotonic() + seconds

    def loop(index):
        state = {}
        while time.monotonic() < until:
            begun = time.monotonic()
            work(state)
            took[index].append(time.monotonic() - begun)

    threads = [threading.Thread(target=loop, args=(i,)) for i in range(count)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(sum(took, [])), time.monotonic() - begun


def report(name, durations, elapsed, extra=""):
    if not durations:
        print(f"{name:<34} no request ended")
        return
    p50 = statistics.median(durations) * 1000
    p99 = durations[min(len(durations) - 1, int(len(durations) * 0.99))] * 1000
    print(f"{name:<34} {len(durations) / elapsed:8.0f}/s   p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   {extra}")


def request(state, port, method, path, body=None, headers=None):
    if "connection" not in state:
        state["connection"] = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection = state["connection"]
    connection.request(method, path, body=body, headers=headers or {})
    reply = connection.getresponse()
    payload = reply.read()
    return reply.status, payload


def multipart(fields, name, content):
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def fsync_writes(folder, content, seconds, clients):
    def work(state):
        path = folder / f"w{uuid.uuid4().hex}"
        with open(path, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    return run_clients(clients, seconds, work)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--port", type=int, default=18990)
    args = options.parse_args()
    build = args.build.resolve()
    audio = (ROOT / "tests/data/corpus/calls/c02_no_greeting.mp3").read_bytes()
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder:
        base = pathlib.Path(folder)
        base.chmod(0o755)
        data = base / "data"
        data.mkdir()
        cold = Server(build, data, args.port)
        print(f"{'start, cold (new database)':<34} {cold.start_seconds:8.2f} s")
        cold.stop()
        server = Server(build, data, args.port)
        print(f"{'start, warm':<34} {server.start_seconds:8.2f} s   resident {resident_mb(server.process.pid):.0f} MB")
        pid, state = server.process.pid, {}
        headers = {"Content-Type": "application/json"}
        request(state, args.port, "POST", "/api/agents", json.dumps({"name": "Bench Agent", "employee_id": "B-1"}), headers)
        request(state, args.port, "POST", "/api/cities", json.dumps({"name": "Pune", "state": "Maharashtra"}), headers)
        fields = {"agent_identifier": "B-1", "city_identifier": "Pune", "issue_category": "Refund Request"}
        last = {}

        def upload(own):
            body, kind = multipart(fields, "call.mp3", audio)
            status, payload = request(own, args.port, "POST", "/ingest/call", body, kind)
            if status != 201:
                sys.exit(f"upload answered {status}: {payload[:300]!r}")
            last["call"] = json.loads(payload)["call_id"]

        for clients in (1, args.clients, 64):
            before = cpu_seconds(pid)
            durations, elapsed = run_clients(clients, args.seconds, upload)
            each = (cpu_seconds(pid) - before) / max(1, len(durations)) * 1000
            report(f"ingest {len(audio) // 1024} KB, {clients} clients", durations, elapsed,
                   f"server CPU {each:.1f} ms each (decoder child not counted)")
        durations, elapsed = fsync_writes(base, audio, args.seconds, args.clients)
        report(f"limit: fsynced writes, {args.clients} threads", durations, elapsed)
        for name, path in (("limit: constant answer (/livez)", "/livez"),
                           ("call status", f"/api/calls/{last['call']}/status"),
                           ("one agent list page", "/api/agents?limit=50"),
                           ("call detail", f"/api/calls/{last['call']}")):
            def read(own, path=path):
                status, payload = request(own, args.port, "GET", path)
                if status != 200:
                    sys.exit(f"{path} answered {status}: {payload[:200]!r}")
            before = cpu_seconds(pid)
            durations, elapsed = run_clients(args.clients, args.seconds, read)
            each = (cpu_seconds(pid) - before) / max(1, len(durations)) * 1e6
            report(name, durations, elapsed, f"server CPU {each:.0f} us each")
        print(f"{'resident after all that':<34} {resident_mb(pid):8.0f} MB")
        server.stop()


main()
