#!/usr/bin/env python3
"""CPU of the real program for one call of five minutes, besides speech and decoding.

    bench/overhead.py BUILD_DIR [--calls 40] [--minutes 5]

Starts `hacksmart all` on a private PostgreSQL with a speech server that always answers the turns of the bundled
transcripts, as many as fill the call. Prints processor time a call, of the program and of PostgreSQL, for

  judging again   one forced run of `evaluate`: statements, opening the sealed transcript, rules, sentiment, scores,
                  the evaluation document and the insert. Judging is in it; `bench_judging` tells its part.
  idle            the same time with nothing to do, to be taken off.

Decoders and the speech server are other processes and not counted. Python 3 standard library only.
"""
import argparse
import http.server
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def conversation(minutes):
    turns = []
    for name in ("manifest.json", "transcripts.json"):
        for call in json.loads((ROOT / "tests/data/corpus" / name).read_text())["calls"]:
            turns += [t for t in call["transcript"] if call.get("language", "en") == "en"]
    random.Random(1).shuffle(turns)
    segments, words, at = [], [], 0.0
    for turn in turns * 20:
        length = max(0.5, turn["end"] - turn["start"])
        if at + length > minutes * 60:
            break
        parts = turn["text"].split()
        share = length / len(parts)
        own = [{"word": w, "start": at + i * share, "end": at + (i + 0.9) * share, "probability": 0.95}
               for i, w in enumerate(parts)]
        segments.append({"id": len(segments), "start": at, "end": at + length, "text": turn["text"],
                         "avg_logprob": -0.1, "no_speech_prob": 0.01, "words": own})
        words += own
        at += length + 0.8
    text = " ".join(s["text"] for s in segments)
    return {"task": "transcribe", "language": "english", "duration": at, "text": text, "words": words,
            "segments": segments}


class Speech(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answer = b""

    def do_POST(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while int(size := self.rfile.readline().split(b";")[0], 16) > 0:
                self.rfile.read(int(size, 16) + 2)
            self.rfile.readline()
        else:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *arguments):
        pass


def write_sound(path, minutes):
    """A recording of the corpus over and over: voice activity finds speech in it."""
    with wave.open(str(ROOT / "tests/data/corpus/calls/c19_info_only.wav"), "rb") as sound:
        form, frames = sound.getparams(), sound.readframes(sound.getnframes())
    whole = int(minutes * 60 * form.framerate) * form.nchannels * form.sampwidth
    with wave.open(str(path), "wb") as out:
        out.setparams(form)
        out.writeframes((frames * (whole // len(frames) + 1))[:whole])


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def descendants(root):
    """`root` and all processes below it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def ask(port, method, path, body=None, headers=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=120) as reply:
        return reply.status, reply.read()


def start(build, data, port, speech_port):
    env = dict(os.environ, DATA_DIR=str(data), LISTEN=f"127.0.0.1:{port}", LEAST_FREE_PERCENT="0", LOG_LEVEL="warn",
               WORKER_CONCURRENCY="1", STT_ENGINE="openai", STT_BASE_URL=f"http://127.0.0.1:{speech_port}/v1",
               STT_ALLOW_PRIVATE="true", STT_MODEL="whisper-1")
    log = open(data / "bench.log", "ab")
    process = subprocess.Popen([str(build / "hacksmart"), "all"], env=env, stderr=log, stdout=log)
    for _ in range(3000):
        try:
            if ask(port, "GET", "/readyz")[0] == 200:
                return process
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.02)
    process.kill()
    sys.exit("the server did not start: " + (data / "bench.log").read_text()[-2000:])


def upload(port, sound):
    boundary = uuid.uuid4().hex
    fields = {"agent_identifier": "B-1", "city_identifier": "Pune", "issue_category": "Refund Request"}
    body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
                    for k, v in fields.items())
    body += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="call.wav"\r\n\r\n'.encode()
             + sound + f"\r\n--{boundary}--\r\n".encode())
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return json.loads(ask(port, "POST", "/ingest/call", body, kind)[1])["call_id"]


def wait_analysed(port, call):
    for _ in range(6000):
        state = json.loads(ask(port, "GET", f"/api/calls/{call}/status")[1])["processing_status"]
        if state == "analyzed":
            return
        if state == "failed":
            detail = json.loads(ask(port, "GET", f"/api/calls/{call}")[1])
            sys.exit(f"the call failed: {detail.get('failure_code')}")
        time.sleep(0.02)
    sys.exit("the call was not analysed")


def measure(process, data, name, count, work):
    database = [pid for file in data.rglob("postmaster.pid") for pid in descendants(int(file.read_text().split()[0]))]
    if not database:
        sys.exit("no PostgreSQL below " + str(data))
    before = (cpu_seconds([process.pid]), cpu_seconds(database), time.monotonic())
    work()
    took = time.monotonic() - before[2]
    program = (cpu_seconds([process.pid]) - before[0]) / count * 1000
    statements = (cpu_seconds(database) - before[1]) / count * 1000
    print(f"{name:<16} program {program:6.1f} ms   PostgreSQL {statements:6.1f} ms   ({count} in {took:.1f} s)")
    return took


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--calls", type=int, default=40)
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--port", type=int, default=18991)
    args = options.parse_args()
    answer = conversation(args.minutes)
    Speech.answer = json.dumps(answer).encode()
    speech = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Speech)
    threading.Thread(target=speech.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder:
        data = pathlib.Path(folder)
        data.chmod(0o755)
        write_sound(data / "call.wav", args.minutes)
        process = start(args.build.resolve(), data, args.port, speech.server_address[1])
        try:
            kind = {"Content-Type": "application/json"}
            ask(args.port, "POST", "/api/agents", json.dumps({"name": "Bench Agent", "employee_id": "B-1"}).encode(), kind)
            ask(args.port, "POST", "/api/cities", json.dumps({"name": "Pune", "state": "Maharashtra"}).encode(), kind)
            call = upload(args.port, (data / "call.wav").read_bytes())
            wait_analysed(args.port, call)
            print(f"{args.minutes:g} minutes, {len(answer['words'])} words")

            def again():
                for _ in range(args.calls):
                    status, reply = ask(args.port, "POST", f"/api/calls/{call}/process?force=true", b"",
                                        {"Prefer": "wait=60"})
                    if status != 200:
                        sys.exit(f"judging again answered {status}: {reply[:300]!r}")

            took = measure(process, data, "judging again", args.calls, again)
            measure(process, data, "idle", args.calls, lambda: time.sleep(took))
        finally:
            process.terminate()
            process.wait(60)


main()
