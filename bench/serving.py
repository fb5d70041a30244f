#!/usr/bin/env python3
"""Ingest, reads and start-up of the real program, next to the limits of the machine, in one run.

    bench/serving.py BUILD_DIR [--seconds 5] [--clients 1,8,64]

Starts `hacksmart serve` (no workers: nothing competes) on a private PostgreSQL in a temporary folder and prints:
start cold and warm, memory; uploads of 120 KB and 2 MB a second with p50/p99, each beside its limits with as many clients:
fsynced writes of the same bytes, pgbench with the INSERT of the same row in the same PostgreSQL, and the decoding alone
(what the two cores could decode if nothing else ran); the growth of the server's peak memory by an upload of 300 MB;
single-row reads a second with p99 and the server's CPU a request, beside a constant answer. Figures are for the
machine and the moment: compare only what stands in one run. Python 3 standard library only; the client is slow, so
rates are lower bounds, the CPU figures are the server's own.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid, of_ended_children=False):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    first = 13 if of_ended_children else 11
    return (int(fields[first]) + int(fields[first + 1])) / TICK


def status_kb(pid, name, file="status"):
    for line in pathlib.Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def resident_mb(pid):
    return status_kb(pid, "VmRSS") / 1024


def child(pid, name):
    """The child of `pid` whose command line begins with a program called `name`."""
    lists = pathlib.Path(f"/proc/{pid}/task").glob("*/children") # any of its threads may have started it
    for number in " ".join(each.read_text() for each in lists).split():
        command = pathlib.Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        if pathlib.Path(command[0].decode()).name == name:
            return int(number), [part.decode() for part in command]
    sys.exit(f"no {name} below {pid}")


class Server:
    def __init__(self, build, data, port):
        self.port = port
        self.log = open(data / "bench.log", "ab")
        env = dict(os.environ, DATA_DIR=str(data), LISTEN=f"127.0.0.1:{port}", LEAST_FREE_PERCENT="0",
                   LOG_LEVEL="warn", MAX_QUEUE_LENGTH="100000000", MAX_UPLOAD_BYTES=str(400 << 20))
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
    files = folder / "writes"
    files.mkdir()

    def work(state):
        path = files / uuid.uuid4().hex
        with open(path, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.unlink(path)
    measured = run_clients(clients, seconds, work)
    shutil.rmtree(files)
    return measured


class Database:
    """The server's private PostgreSQL, through its socket."""

    def __init__(self, server_pid):
        _, command = child(server_pid, "postgres")
        folder = next(part.split("=", 1)[1] for part in command if "unix_socket_directories=" in part)
        self.where = ["-h", folder, "-p", "5432", "-U", "postgres"]

    def value(self, sql):
        done = subprocess.run(["psql", *self.where, "-d", "hacksmart", "-XAtc", sql], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commits(self):
        return int(self.value("SELECT xact_commit FROM pg_stat_database WHERE datname = 'hacksmart'"))

    def insert_like(self, call_id):
        """The INSERT of ingest with the values of a call it has made, under a new id each time."""
        store = (ROOT / "src/store/sql/calls.sql").read_text()
        columns = [c.strip() for c in re.search(r"INSERT INTO calls \(([^)]*)\)", store).group(1).split(",")]
        places = ", ".join("gen_random_uuid()" if c == "id" else "%L" for c in columns)
        others = ", ".join(c for c in columns if c != "id")
        insert = self.value(f"SELECT format('INSERT INTO calls ({', '.join(columns)}) VALUES ({places});', {others}) "
                            f"FROM calls WHERE id = '{call_id}'")
        # A colon would begin a variable of pgbench.
        return re.sub(r"'[^']*:[^']*'", lambda text: "E" + text.group().replace(":", "\\072"), insert)

    def pgbench(self, script, clients, seconds):
        done = subprocess.run(["pgbench", *self.where, "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                               "-T", str(max(1, round(seconds))), "-f", str(script), "hacksmart"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("pgbench: " + done.stderr)
        return float(re.search(r"tps = ([0-9.]+)", done.stdout).group(1))


def mp3_of(size):
    """A recording of about `size` bytes: corpus calls of one format one behind the other, without their tags."""
    audio = b""
    call = (ROOT / "tests/data/corpus/calls/c02_no_greeting.mp3").read_bytes()
    while len(audio) < size:
        audio += call
    return audio[:size]


def told_apart(audio):
    """The same sound with another tag: no two uploads of a busy day are the same file."""
    frame = b"\3call\0" + uuid.uuid4().hex.encode()
    frame = b"TXXX" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    return b"ID3\3\0\0\0\0" + bytes([len(frame) >> 7, len(frame) & 127]) + frame + audio


class LongWav:
    """A wav of silence and ticks that is never in memory as a whole; http.client sends it in blocks."""

    def __init__(self, size, fields):
        data = size - 44
        form, self.headers = multipart(fields, "long.wav", b"@@")
        head, tail = form.split(b"@@")
        wav = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", data + 36, b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16, b"data", data)
        self.parts, self.tail, self.left = [head + wav], tail, data
        self.headers["Content-Length"] = str(len(head) + 44 + data + len(tail))

    def __iter__(self):
        yield from self.parts
        block = struct.pack("<h", 900) + bytes((1 << 16) - 2)
        while self.left > 0:
            part = block[:self.left]
            self.left -= len(part)
            yield part
        yield self.tail


class Ingest:
    fields = {"agent_identifier": "B-1", "city_identifier": "Pune", "issue_category": "Refund Request"}

    def __init__(self, server, base, seconds):
        self.server, self.base, self.seconds = server, base, seconds
        self.database = Database(server.process.pid)
        self.last_call = None

    def upload(self, state, audio):
        body, kind = multipart(self.fields, "call.mp3", told_apart(audio))
        status, payload = request(state, self.server.port, "POST", "/ingest/call", body, kind)
        if status != 201:
            sys.exit(f"upload answered {status}: {payload[:300]!r}")
        self.last_call = json.loads(payload)["call_id"]

    def measure(self, audio, clients):
        """One size with one number of clients, and what the machine could do at best."""
        pid, kind = self.server.process.pid, f"{len(audio) // 1000} KB, {clients} clients"
        self.upload({}, audio)
        decoder, _ = child(pid, "hacksmart-decode")
        before, decode_before = cpu_seconds(pid), cpu_seconds(decoder, True) + cpu_seconds(decoder)
        commits = self.database.commits()
        durations, elapsed = run_clients(clients, self.seconds, lambda own: self.upload(own, audio))
        count, rate = len(durations), len(durations) / elapsed
        decode_cpu = (cpu_seconds(decoder, True) + cpu_seconds(decoder) - decode_before) / count
        cpu = (cpu_seconds(pid) - before) / count
        time.sleep(1.1)  # PostgreSQL publishes its counters once a second
        commits = (self.database.commits() - commits) / count
        report(f"ingest of {kind}", durations, elapsed,
               f"CPU each: server {cpu * 1000:.1f} ms, decoder {decode_cpu * 1000:.1f} ms; {commits:.1f} transactions")
        writes, write_elapsed = fsync_writes(self.base, audio, self.seconds, clients)
        written = len(writes) / write_elapsed
        report("  limit: fsynced writes", writes, write_elapsed)
        script = self.base / "insert.sql"
        script.write_text(self.database.insert_like(self.last_call))
        inserted = self.database.pgbench(script, clients, self.seconds)
        print(f"{'  limit: pgbench INSERT':<34} {inserted:8.0f}/s")
        decoded = os.cpu_count() / max(decode_cpu, 1e-6)
        print(f"{'  limit: decoding on all cores':<34} {decoded:8.0f}/s")
        print(f"{'  ingest / lower of the first two':<34} {rate / min(written, inserted):8.1%}   of all three {rate / min(written, inserted, decoded):.1%}")

    def measure_memory(self, size):
        pid = self.server.process.pid
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts again from here
        before = status_kb(pid, "VmHWM")
        long = LongWav(size, self.fields)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=600)
        begun = time.monotonic()
        connection.request("POST", "/ingest/call", body=iter(long), headers=long.headers)
        reply = connection.getresponse()
        payload = reply.read()
        if reply.status != 201:
            sys.exit(f"long upload answered {reply.status}: {payload[:300]!r}")
        print(f"{f'upload of {size >> 20} MiB':<34} {time.monotonic() - begun:8.1f} s   "
              f"peak memory grew by {status_kb(pid, 'VmHWM') - before} KiB from {before} KiB")


def measure_reads(server, call_id, clients, seconds):
    for name, path in (("limit: constant answer (/livez)", "/livez"),
                       ("call status", f"/api/calls/{call_id}/status"),
                       ("one agent list page", "/api/agents?limit=50"),
                       ("call detail", f"/api/calls/{call_id}")):
        def read(own, path=path):
            status, payload = request(own, server.port, "GET", path)
            if status != 200:
                sys.exit(f"{path} answered {status}: {payload[:200]!r}")
        before = cpu_seconds(server.process.pid)
        durations, elapsed = run_clients(clients, seconds, read)
        each = (cpu_seconds(server.process.pid) - before) / max(1, len(durations)) * 1e6
        report(name, durations, elapsed, f"server CPU {each:.0f} us each")


def measure_running(server, base, args):
    pid = server.process.pid
    print(f"{'start, warm':<34} {server.start_seconds:8.2f} s   resident {resident_mb(pid):.0f} MB")
    headers = {"Content-Type": "application/json"}
    request({}, args.port, "POST", "/api/agents", json.dumps({"name": "Bench Agent", "employee_id": "B-1"}), headers)
    request({}, args.port, "POST", "/api/cities", json.dumps({"name": "Pune", "state": "Maharashtra"}), headers)
    ingest = Ingest(server, base, args.seconds)
    ingest.upload({}, mp3_of(120_000))
    decoder, _ = child(pid, "hacksmart-decode")
    own = status_kb(decoder, "Private_Dirty", "smaps_rollup") / 1024
    print(f"{'decoder program, waiting':<34} {resident_mb(decoder):8.0f} MB resident, {own:.1f} MB of it its own")
    ingest.measure_memory(300 << 20)
    for size in (120_000, 2_000_000):
        for clients in args.clients:
            ingest.measure(mp3_of(size), clients)
    measure_reads(server, ingest.last_call, 8, args.seconds)
    print(f"{'resident after all that':<34} {resident_mb(pid):8.0f} MB")


def measure_all(args, base):
    data = base / "data"
    data.mkdir()
    cold = Server(args.build.resolve(), data, args.port)
    print(f"{'start, cold (new database)':<34} {cold.start_seconds:8.2f} s")
    cold.stop()
    server = Server(args.build.resolve(), data, args.port)
    try:
        measure_running(server, base, args)
    finally:
        server.stop()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--clients", type=lambda text: [int(n) for n in text.split(",")], default=[1, 8, 64])
    options.add_argument("--port", type=int, default=18990)
    args = options.parse_args()
    for tool in ("psql", "pgbench"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing (package postgresql)")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder:
        base = pathlib.Path(folder)
        base.chmod(0o755)
        measure_all(args, base)


main()
