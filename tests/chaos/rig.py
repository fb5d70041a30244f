"""What the crash tests drive: the real program, its real PostgreSQL, a speech server and clients."""

import glob
import http.client
import http.server
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import threading
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PIECE = 4096  # bytes of a body sent at once
CALLS = os.path.join(SOURCE, "tests", "data", "corpus", "calls")


def until(what, condition, limit):
    """The first true answer of `condition`; an error names what was waited for."""
    end = time.monotonic() + limit
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit} s for: {what}")
        time.sleep(0.03)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def owns_client_port(pid, port):
    """Whether process `pid` holds the TCP socket whose own end is `port`."""
    inodes = set()
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            cells = line.split()
            if int(cells[1].split(":")[1], 16) == port:
                inodes.add(f"socket:[{cells[9]}]")
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                if os.readlink(f"/proc/{pid}/fd/{fd}") in inodes:
                    return True
            except OSError:
                continue
    except OSError:
        pass
    return False


class Speech:
    """A speech server of the usual protocol. It may stop a process at the moment its answer is due:
    the process then wakes up with a finished answer for a job it has lost."""

    TEXT = "Hello thank you for calling I am sorry for the trouble we will swap the battery today".split()

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.requests = 0
        self.freeze_pid = None
        self.frozen = threading.Event()
        self.answering = threading.Event()  # cleared: requests wait for their answers
        self.answering.set()
        self.lock = threading.Lock()
        rig = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                try:
                    rig.answer(self)
                except OSError:
                    self.close_connection = True  # the client was killed

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a killed client resets its connection: that is the point of it

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        size = int(request.headers["Content-Length"])
        if request.headers.get("Expect"):
            request.send_response_only(100)
            request.end_headers()
        request.rfile.read(size)
        with self.lock:
            self.requests += 1
            delay = self.random.uniform(0, 0.3)
            victim = self.freeze_pid
            if victim and owns_client_port(victim, request.client_address[1]):
                self.freeze_pid = None
                os.kill(victim, signal.SIGSTOP)
                self.frozen.set()
                delay = 0
        time.sleep(delay)
        self.answering.wait(60)
        found = request.path == "/v1/audio/transcriptions"
        body = json.dumps(self.reply(size / 32000)).encode()
        request.send_response(200 if found else 404)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def reply(self, seconds):
        step = max(seconds - 0.1, 0.5) / len(self.TEXT)
        words = [{"word": word, "start": round(i * step, 2), "end": round((i + 0.9) * step, 2)}
                 for i, word in enumerate(self.TEXT)]
        text = " ".join(self.TEXT)
        return {"task": "transcribe", "language": "english", "duration": seconds, "text": text, "words": words,
                "segments": [{"id": 0, "start": 0.0, "end": words[-1]["end"], "text": text,
                              "avg_logprob": -0.1, "no_speech_prob": 0.01}]}


class Program:
    """One process of the program, and everything it has written to its log."""

    def __init__(self, rig, command, name, **settings):
        self.command = command
        self.name = name
        self.worker = None
        self.log_path = os.path.join(rig.folder, name + ".log")
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": rig.data, "LISTEN": f"127.0.0.1:{rig.port}",
                       "STT_ENGINE": "openai", "STT_BASE_URL": rig.speech.url, "STT_ALLOW_PRIVATE": "true",
                       "JOB_LEASE_MS": "2000", "RESCUE_EVERY_MS": "500", "LEAST_FREE_PERCENT": "0",
                       "DRAIN_SECONDS": "10", "WORKER_CONCURRENCY": "2"}
        for kept in ("HS_BREAK", "RESOURCES_DIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "ALLOW_UNSANDBOXED"):
            if kept in os.environ:
                environment[kept] = os.environ[kept]
        environment.update(settings)
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([rig.binary, *command.split()], env=environment, cwd=rig.folder,
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.pid = self.process.pid

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, limit=40):
        if self.alive():
            self.process.terminate()
        return self.process.wait(limit)

    def events(self, event):
        found = []
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            for line in log:
                if event in line:
                    try:
                        found.append(json.loads(line))
                    except ValueError:
                        continue  # cut by a kill
        return [entry for entry in found if entry.get("event") == event]

    def worker_id(self):
        if self.worker is None:
            started = self.events("queue.started")
            self.worker = started[-1]["worker"] if started else None
        return self.worker


class Database:
    """The private PostgreSQL, as its superuser sees it."""

    def __init__(self, data):
        self.home = os.path.join(data, "postgres")
        self.socket = os.path.join(self.home, "run")
        self.psql = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]

    def url(self):
        return f"host='{self.socket}' port='5432' user='hacksmart' dbname='hacksmart'"

    def run(self, sql):
        done = subprocess.run([self.psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U", "postgres",
                               "-d", "hacksmart", "-c", sql], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def rows(self, select):
        return json.loads(self.run(f"SELECT coalesce(json_agg(t), '[]') FROM ({select}) t"))

    def number(self, select):
        return int(self.run(select))

    def answers(self):
        try:
            return self.run("SELECT 1") == "1"
        except RuntimeError:
            return False

    def postmaster(self):
        try:
            with open(os.path.join(self.home, "data", "postmaster.pid"), encoding="ascii") as file:
                return int(file.readline())
        except (OSError, ValueError):
            return 0

    def watch_claims(self):
        """Writes down every change of a job's state or token, in the transaction that makes it."""
        self.run("""
            CREATE SCHEMA chaos;
            CREATE TABLE chaos.steps (n bigint GENERATED ALWAYS AS IDENTITY, job bigint, worker uuid,
                old_state text, new_state text, old_token uuid, new_token uuid);
            CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                INSERT INTO chaos.steps (job, worker, old_state, new_state, old_token, new_token) VALUES
                    (old.id, CASE WHEN TG_OP = 'UPDATE' THEN new.leased_by END, old.state,
                     CASE WHEN TG_OP = 'UPDATE' THEN new.state ELSE 'ended' END, old.lease_token,
                     CASE WHEN TG_OP = 'UPDATE' THEN new.lease_token END);
                RETURN NULL; END $$;
            CREATE TRIGGER chaos AFTER UPDATE OF state, lease_token OR DELETE ON jobs
                FOR EACH ROW EXECUTE FUNCTION chaos.note();""")

    def let_reservations_pass(self, killed_at):
        """Two minutes go by for those keys whose request died: its lease is over, not the key's row."""
        return self.run(f"""UPDATE idempotency SET lease_until = now() - interval '1 s' WHERE NOT finished
            AND lease_until < to_timestamp({killed_at}) + interval '2 minutes' RETURNING key""").count("\n")


class Shot:
    """Something done once, when an upload has sent `share` of its body and `delay` seconds have passed."""

    def __init__(self, share, delay, fire):
        self.share = share
        self.delay = delay
        self.fire = fire
        self.open_uploads = 0  # begun and not answered when it was fired
        self.fired_at = None


class Clients:
    """Four threads that upload recordings and repeat each until it is acknowledged."""

    def __init__(self, port, seed, part):
        self.port = port
        self.part = part
        self.seed = seed
        self.permits = threading.Semaphore(0)
        self.lock = threading.Lock()
        self.granted = 0
        self.in_flight = 0
        self.open_uploads = 0  # requests begun and not answered
        self.answer_seconds = []  # from the last byte sent to an acknowledgement
        self.shot = None
        self.acknowledged = {}  # key -> call id
        self.tries = 0
        self.replies = {}  # status or kind of failure -> count
        self.faults = []
        self.ending = False
        self.recordings = [self.read(path) for pattern in ("c17*.mp3", "c14*.mp3")
                           for path in sorted(glob.glob(os.path.join(CALLS, pattern)))]
        self.threads = [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(4)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            return file.read()

    def grant(self, count):
        self.granted += count
        for _ in range(count):
            self.permits.release()

    def keep_busy(self, count):
        """Permits until `count` uploads are under way or may start."""
        self.grant(max(0, count + len(self.acknowledged) - self.granted))

    def usual_answer(self):
        with self.lock:
            return statistics.median(self.answer_seconds[-50:] or [0.02])

    def aim(self, shot):
        with self.lock:
            self.shot = shot

    def sent(self, share):
        """Told by an upload with each piece of its body; may fire the shot."""
        with self.lock:
            shot = self.shot
            if shot is None or share < shot.share:
                return
            self.shot = None
        if shot.delay:
            threading.Thread(target=self.fire, args=(shot,), daemon=True).start()
        else:
            self.fire(shot)  # here, so that this upload goes no further

    def fire(self, shot):
        time.sleep(shot.delay)
        with self.lock:
            shot.open_uploads = self.open_uploads
        shot.fire()
        shot.fired_at = time.time()

    def post(self, body, kind, key):
        with self.lock:
            self.open_uploads += 1
        try:
            status, reply, took = post(self.port, body, kind, key, self.sent)
        finally:
            with self.lock:
                self.open_uploads -= 1
        if status == 201:
            with self.lock:
                self.answer_seconds.append(took)
        return status, reply

    def all_acknowledged(self):
        return len(self.acknowledged) + len(self.faults) >= self.granted

    def end(self):
        self.ending = True
        for _ in self.threads:
            self.permits.release()

    def work(self, number):
        chance = random.Random(f"{self.seed}-{self.part}-{number}")
        serial = 0
        while True:
            self.permits.acquire()
            if self.ending:
                return
            serial += 1
            key = f"{self.part}-{number}-{serial}"
            audio = chance.choice(self.recordings)
            audio = audio[:chance.randint(len(audio) * 6 // 10, len(audio))]
            with self.lock:
                self.in_flight += 1
            call = self.upload(key, audio, chance)
            with self.lock:
                self.in_flight -= 1
                if call:
                    self.acknowledged[key] = call
            if call and chance.random() < 0.25:
                again = self.upload(key, audio, chance)
                if again != call:
                    self.faults.append(f"{key}: repeated, got {again} instead of {call}")

    def upload(self, key, audio, chance):
        """The call's id once the server has said 201; None after a refusal that no repeat would change."""
        body, kind = form(key, audio)
        while True:
            self.tries += 1
            try:
                status, reply = self.post(body, kind, key)
            except (OSError, http.client.HTTPException) as error:
                status, reply = type(error).__name__, {}
            with self.lock:
                code = f"{status} {reply.get('code', '')}".strip()
                self.replies[code] = self.replies.get(code, 0) + 1
            if status == 201:
                return reply["call_id"]
            if isinstance(status, int) and status < 500 and status not in (409, 429):
                self.faults.append(f"{key}: {status} {reply}")
                return None
            time.sleep(chance.uniform(0.05, 0.2))


def form(key, audio):
    boundary = "part-of-the-crash-test"
    fields = {"agent_identifier": "Chaos Agent", "city_identifier": "Chaos City", "issue_category": "Battery Swap"}
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]
    parts.append((f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{key}.mp3"\r\n'
                  "Content-Type: audio/mpeg\r\n\r\n").encode() + audio + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def post(port, body, kind, key, sent):
    """Status, reply, and the seconds from the last byte sent to the reply. `sent` hears the share of the body
    that is under way."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest("POST", "/ingest/call")
        for name, value in (("Content-Type", kind), ("Idempotency-Key", key), ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders()
        for start in range(0, len(body), PIECE):
            connection.send(body[start:start + PIECE])
            sent(min(1, (start + PIECE) / len(body)))
        begun = time.monotonic()
        answer = connection.getresponse()
        reply = json.loads(answer.read() or b"{}")
        return answer.status, reply, time.monotonic() - begun
    except ValueError:
        return "unreadable", {}, 0
    finally:
        connection.close()


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, text
    finally:
        connection.close()


def findings_of(output):
    """(kinds of fsck's findings, its last line)"""
    lines = [line for line in output.splitlines() if line and not line.startswith("{")]
    summary = [line for line in lines if re.search(r"\d+ findings$", line)]
    kinds = [line.split()[0] for line in lines if line not in summary]
    return kinds, summary[-1] if summary else ""
