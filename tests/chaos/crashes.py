#!/usr/bin/env python3
"""kill -9 of the server, of workers and of PostgreSQL under load; a worker frozen past its lease.

After each part: every acknowledged call is analysed exactly once, nothing is left over, and `fsck`
finds nothing. Prints one line a check (`ok NAME` or `FAILED NAME: why`); figures go to stderr.
  BUILD         build tree with the program (default build/test)
  CHAOS_ROUNDS  1: 10 kills of the server, 10 of workers, 3 of PostgreSQL, 2 frozen workers; n: n times as many
  CHAOS_ONLY    one part: "server killed", "workers killed" or "database killed"
  CHAOS_SEED    repeats a run's choices (its timing stays the machine's)
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import rig as r
from rig import until

SETTLED = 120  # seconds the last jobs of a part may take
READY = 60


class Rig:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.folder = tempfile.mkdtemp(prefix="hs-chaos-", dir="/tmp")
        os.chmod(self.folder, 0o755)  # PostgreSQL may run as another user
        self.data = os.path.join(self.folder, "data")
        build = os.environ.get("BUILD", "build/test")
        self.binary = os.path.join(r.SOURCE, build, "hacksmart")
        self.port = r.free_port()
        self.speech = r.Speech(seed)
        self.database = r.Database(self.data)
        self.programs = []
        self.failed = 0
        self.calls = {}  # key -> call id, of all parts
        self.counter = 0
        self.watching = False

    def start(self, command, label, **settings):
        self.counter += 1
        program = r.Program(self, command, f"{self.counter:03d}-{label}", **settings)
        self.programs.append(program)
        return program

    def start_server(self, command):
        begun = time.monotonic()
        server = self.start(command, command)
        until(f"{server.name} to be ready", lambda: self.is_ready(server), READY)
        took = time.monotonic() - begun
        if not self.watching:
            self.database.watch_claims()
            self.watching = True
        return server, took

    def is_ready(self, server):
        if not server.alive():
            raise RuntimeError(f"{server.name} ended by itself: see {server.log_path}")
        try:
            return r.get(self.port, "/readyz")[0] == 200
        except OSError:
            return False

    def start_worker(self):
        worker = self.start("work", "work", DATABASE_URL=self.database.url(),
                            MASTER_KEY_FILE=os.path.join(self.data, "master.key"))
        until(f"{worker.name} to start", worker.worker_id, READY)
        return worker

    def command(self, line):
        return subprocess.run([self.binary, *line.split()], capture_output=True, text=True, check=False,
                              cwd=self.folder, env={**os.environ, "DATA_DIR": self.data})

    def check(self, name, faults):
        if faults:
            self.failed += 1
        print(f"FAILED {name}: {'; '.join(map(str, faults))[:600]}" if faults else f"ok {name}", flush=True)

    def say(self, text):
        print(f"[{time.monotonic() - STARTED:5.1f}s] {text}", file=sys.stderr, flush=True)

    def end(self):
        for program in self.programs:
            if program.alive():
                program.process.send_signal(signal.SIGCONT)
                program.kill()
        if self.failed and not os.environ.get("CHAOS_CLEAN"):
            self.say(f"logs and data are kept in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


# --- what must hold after each part ----------------------------------------------------------------


def settle(rig, clients, keep_alive=lambda: None):
    """Until every upload is acknowledged and no job is left."""
    def acknowledged():
        keep_alive()
        return clients.all_acknowledged()

    def analysed():
        keep_alive()
        return rig.database.number("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM calls "
                                   "WHERE processing_status IN ('pending', 'transcribed'))") == 0

    until("all uploads to be acknowledged", acknowledged, SETTLED)
    until("all calls to be analysed", analysed, SETTLED)
    clients.end()
    rig.calls.update(clients.acknowledged)


def upload_faults(rig, clients):
    """One call a key, and it is the acknowledged one."""
    rows = rig.database.rows("SELECT key, call_id, finished FROM idempotency")
    known = {row["key"]: row for row in rows}
    faults = list(clients.faults)
    faults += [f"{key}: no finished reservation" for key in rig.calls
               if key not in known or not known[key]["finished"]]
    faults += [f"{key}: acknowledged {call}, reserved {known[key]['call_id']}"
               for key, call in rig.calls.items() if key in known and known[key]["call_id"] != call]
    faults += [f"{row['filename']}: {row['n']} calls" for row in rig.database.rows(
        "SELECT filename, count(*) AS n FROM calls GROUP BY 1 HAVING count(*) <> 1")]
    calls = {row["id"] for row in rig.database.rows("SELECT id FROM calls")}
    faults += [f"acknowledged {call} is missing" for call in set(rig.calls.values()) - calls]
    faults += [f"{call} was never acknowledged" for call in calls - set(rig.calls.values())]
    audited = rig.database.rows("SELECT object, count(*) AS n FROM (SELECT object, action FROM audit_log UNION ALL "
                                "SELECT object, action FROM audit_outbox) a WHERE action = 'call.ingest' GROUP BY 1")
    if {row["object"]: row["n"] for row in audited} != {f"call:{call}": 1 for call in calls}:
        faults.append("the audit trail does not hold each upload once")
    return faults


def http_faults(rig):
    faults = []
    for key, call in rig.calls.items():
        status, text = r.get(rig.port, f"/api/calls/{call}")
        detail = r.json.loads(text) if status == 200 else {}
        ended = (detail.get("processing_status"), detail.get("failure_code"))
        if ended not in (("analyzed", None), ("failed", "no_speech")):
            faults.append(f"{key}: {status} {ended}")
    return faults


ONCE = """
    SELECT c.id, c.processing_status AS status, c.failure_code AS code,
        (SELECT count(*) FROM evaluations e WHERE e.call_id = c.id) AS evaluations,
        (SELECT count(*) FROM evaluations e WHERE e.call_id = c.id AND e.reason <> 'first') AS again,
        (SELECT count(*) FROM transcripts t WHERE t.call_id = c.id) AS transcripts,
        (SELECT count(*) FROM call_insights i WHERE i.call_id = c.id) AS insights,
        (SELECT count(*) FROM jobs j WHERE j.subject = c.id::text) AS live,
        (SELECT count(*) FROM jobs_history h WHERE h.subject = c.id::text AND outcome <> 'done') AS not_done,
        (SELECT count(*) FROM jobs_history h WHERE h.subject = c.id::text AND kind = 'transcribe') AS transcribed,
        (SELECT count(*) FROM jobs_history h WHERE h.subject = c.id::text AND kind = 'evaluate') AS evaluated
    FROM calls c"""


def effect_faults(rig):
    """Each stage's effects landed once."""
    faults = []
    for row in rig.database.rows(ONCE):
        heard = 1 if row["status"] == "analyzed" else 0
        want = {"evaluations": heard, "again": 0, "transcripts": heard, "insights": heard, "live": 0,
                "not_done": 0, "transcribed": 1, "evaluated": heard}
        wrong = {name: row[name] for name, value in want.items() if row[name] != value}
        if wrong:
            faults.append(f"{row['id']} {row['status']} {row['code']}: {wrong}")
    left = rig.database.number("SELECT count(*) FROM jobs")
    return faults + ([f"{left} jobs are left"] if left else [])


def claim_faults(rig, part):
    steps = rig.database.rows("""
        SELECT count(*) FILTER (WHERE new_state = 'running') AS claims,
            count(DISTINCT new_token) FILTER (WHERE new_state = 'running') AS tokens,
            count(*) FILTER (WHERE new_state = 'running' AND old_state <> 'available') AS stolen,
            count(DISTINCT job) FILTER (WHERE new_state = 'ended') AS ended_jobs,
            count(*) FILTER (WHERE new_state = 'ended') AS ends FROM chaos.steps""")[0]
    rig.say(f"{part}: {steps}")
    faults = []
    if steps["claims"] != steps["tokens"] or steps["claims"] == 0:
        faults.append(f"{steps['claims']} claims, {steps['tokens']} tokens")
    if steps["stolen"]:
        faults.append(f"{steps['stolen']} claims of a job that was running")
    if steps["ended_jobs"] != steps["ends"]:
        faults.append(f"{steps['ends']} ends of {steps['ended_jobs']} jobs")
    return faults


# 25P03: the session of a frozen worker that stood in a transaction; what it wrote did not happen.
PASSING = ("57", "08003", "08006", "08001", "25P03", "40001", "40P01", "55P03", "53300")


def log_faults(rig):
    """Statements PostgreSQL refused for a reason that no repeat would change, and jobs given up."""
    faults = set()
    for program in rig.programs:
        with open(program.log_path, encoding="utf-8", errors="replace") as log:
            for line in log:
                refused = re.search(r'"error":"(.{0,120}?)\(([0-9A-Z]{5})\)"', line)
                if refused and not refused.group(2).startswith(PASSING):
                    faults.add(f"{refused.group(1)}({refused.group(2)})")
                if '"event":"job.dead"' in line or '"event":"job.set_aside"' in line:
                    faults.add(line.strip())
    return sorted(faults)


def check_part(rig, clients, part, processes):
    rig.say(f"{part}: {len(clients.acknowledged)} calls in {clients.tries} tries, replies "
            f"{dict(sorted(clients.replies.items()))}, speech requests so far {rig.speech.requests}")
    rig.check(f"{part}: one call for each upload", upload_faults(rig, clients))
    rig.check(f"{part}: every acknowledged call is analysed", http_faults(rig))
    rig.check(f"{part}: effects of each stage exactly once", effect_faults(rig))
    rig.check(f"{part}: no job claimed twice", claim_faults(rig, part))
    faults = []
    for program in processes:
        status = program.stop()
        if status != 0:
            faults.append(f"{program.name} ended with {status}")
    rig.check(f"{part}: processes end when told", faults)
    rig.check(f"{part}: no statement refused, no job given up", log_faults(rig))
    check_store(rig, part)
    check_figures(rig, part)


def check_store(rig, part):
    done = rig.command("fsck --hashes --all-orphans")
    kinds, summary = r.findings_of(done.stdout)
    rig.say(f"{part}: fsck: {summary}")
    faults = sorted({kind for kind in kinds if kind != "orphan_object"})
    if not summary:
        faults.append(f"fsck said nothing: {done.stderr[-300:]}")
    if kinds:
        rig.command("fsck --repair --all-orphans")
        done = rig.command("fsck --hashes --all-orphans")
        kinds, summary = r.findings_of(done.stdout)
    if done.returncode != 0 or kinds or not summary:
        faults.append(f"after the repair: {kinds} {summary}")
    rig.check(f"{part}: fsck is clean", faults)


def check_figures(rig, part):
    """The folder died with its process each time; nothing may be missing or counted twice."""
    done = rig.command("rollups audit")
    summary = re.search(r"^([1-9]\d*) days, \d+ months, 0 findings$", done.stdout, re.MULTILINE)
    rig.say(f"{part}: rollups audit: {done.stdout.strip().splitlines()[-1:]}")
    rig.check(f"{part}: figures are exact", [] if done.returncode == 0 and summary else
              [f"status {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}"])


# --- the parts -------------------------------------------------------------------------------------


def seed_directory(rig):
    agents = os.path.join(rig.folder, "agents.csv")
    cities = os.path.join(rig.folder, "cities.csv")
    with open(agents, "w", encoding="utf-8") as file:
        file.write("name,employee_id,languages\nChaos Agent,C-1,en;hi\n")
    with open(cities, "w", encoding="utf-8") as file:
        file.write("name,state,latitude,longitude,aliases\nChaos City,Somewhere,12.9,77.6,\n")
    done = rig.command(f"directory import {agents} {cities}")
    if done.returncode != 0:
        raise RuntimeError(f"directory import: {done.stderr[-500:]}")


def a_moment(rig, clients, number):
    """Where in an upload to kill, as a share of its body and seconds after that: uploads are over within
    milliseconds, so that a time of the clock would miss them. One in three in the middle of the body, the
    others while the server works on it."""
    if number % 3 == 0:
        return rig.random.uniform(0.05, 0.95), 0
    return 1, rig.random.random() * clients.usual_answer()


def shoot(clients, server, moment):
    """Kills the server when the next upload has come so far."""
    shot = r.Shot(*moment, server.kill)
    clients.aim(shot)

    def fired():
        clients.keep_busy(2)
        return shot.fired_at

    until("an upload to come so far", fired, READY)
    return shot


def let_crashed_jobs_end(rig):
    """The third crash of a job that runs alone ends it by design; this test is about the others. A worker that is
    killed may hold more jobs than the one it is killed for."""
    until("no job to be near its limit of crashes", lambda: rig.database.number(
        "SELECT count(*) FROM jobs WHERE crashes >= 2") == 0, SETTLED)


def kill_server(rig, kills):
    """The server and its jobs are one process; PostgreSQL goes down with it each time."""
    clients = r.Clients(rig.port, rig.seed, "server")
    restarts = []
    shots = []
    server, _ = rig.start_server("all")
    for number in range(kills):
        clients.grant(4)
        until("an upload under way", lambda: clients.in_flight, READY)
        if number % 2:  # late enough for the work that follows an upload
            done = len(clients.acknowledged)
            until("an acknowledged upload", lambda had=done: len(clients.acknowledged) > had, READY)
        let_crashed_jobs_end(rig)
        shots.append(shoot(clients, server, a_moment(rig, clients, number)))
        server, took = rig.start_server("all")
        restarts.append(took)
        rig.database.let_reservations_pass(shots[-1].fired_at)
    settle(rig, clients)
    hits = [shot for shot in shots if shot.open_uploads > 0]
    rig.say(f"server killed {kills} times, {len(hits)} of them during uploads ({sum(shot.share < 1 for shot in hits)} in "
            f"the middle of a body); ready again within {max(restarts):.2f} s")
    rig.check("server killed: most kills fall into uploads",
              [f"{len(hits)} of {kills}"] if 2 * len(hits) < kills else [])
    check_part(rig, clients, "server killed", [server])


class Crew:
    """One `serve` and three `work` processes on one database."""

    def __init__(self, rig):
        self.rig = rig
        self.server, _ = rig.start_server("serve")
        self.workers = [rig.start_worker() for _ in range(3)]
        self.restarted = 0

    def running_jobs(self):
        return self.rig.database.rows("SELECT id, kind, subject, leased_by, crashes FROM jobs WHERE state = 'running'")

    def worker_of(self, worker_id):
        return next((worker for worker in self.workers if worker.worker_id() == worker_id), None)

    def kill_and_replace(self, worker):
        worker.kill()
        self.workers.remove(worker)
        self.workers.append(self.rig.start_worker())

    def keep_alive(self):
        """What an init system would do; counted, because nothing here may need it."""
        for worker in [worker for worker in self.workers if not worker.alive()]:
            self.workers.remove(worker)
            self.workers.append(self.rig.start_worker())
            self.restarted += 1
        if not self.server.alive():
            self.server, _ = self.rig.start_server("serve")
            self.restarted += 1

    def all(self):
        return [*self.workers, self.server]


def kill_workers(rig, crew, clients, kills):
    stages = {}
    while sum(stages.values()) < kills:
        let_crashed_jobs_end(rig)

        def held_jobs():
            clients.keep_busy(2)
            return [job for job in crew.running_jobs() if crew.worker_of(job["leased_by"])]

        held = until("a running job", held_jobs, SETTLED)
        judging = [job for job in held if job["kind"] == "evaluate"]  # short, so seldom met
        if not judging:
            time.sleep(rig.random.uniform(0, 0.15))
        job = rig.random.choice(judging or held)
        stages[job["kind"]] = stages.get(job["kind"], 0) + 1
        crew.kill_and_replace(crew.worker_of(job["leased_by"]))
    rig.say(f"workers killed {kills} times, holding {stages}")


SNAPSHOT = """
    SELECT md5(string_agg(fact, '|' ORDER BY fact)) FROM (
        SELECT 'c' || c::text AS fact FROM calls c WHERE id::text IN ({0})
        UNION ALL SELECT 'm' || m::text FROM media m WHERE call_id::text IN ({0})
        UNION ALL SELECT 't' || t::text FROM transcripts t WHERE call_id::text IN ({0})
        UNION ALL SELECT 'e' || id::text || document::text FROM evaluations WHERE call_id::text IN ({0})
        UNION ALL SELECT 'i' || i::text FROM call_insights i WHERE call_id::text IN ({0})
        UNION ALL SELECT 'j' || j::text FROM jobs j WHERE subject IN ({0})
        UNION ALL SELECT 'h' || h::text FROM jobs_history h WHERE subject IN ({0})) facts"""


def freeze_worker(rig, crew, clients):
    """Stops a worker while its answer from the speech server is due: (worker, the calls it was hearing)."""
    let_crashed_jobs_end(rig)
    leader = rig.database.run("SELECT holder FROM leader LIMIT 1")
    victim = next(worker for worker in crew.workers if worker.worker_id() != leader)
    rig.speech.frozen.clear()
    rig.speech.freeze_pid = victim.pid
    begun = time.monotonic()
    while not rig.speech.frozen.wait(1):
        clients.keep_busy(3)
        if time.monotonic() - begun > READY:
            raise TimeoutError("no job reached the worker that was to be frozen")
    held = [job for job in crew.running_jobs() if job["leased_by"] == victim.worker_id()]
    return victim, [job for job in held if job["kind"] == "transcribe"]


def thaw_worker(rig, victim, held):
    """Lets it go on, until it has ended the runs it was in; how they ended."""
    victim.process.send_signal(signal.SIGCONT)

    def outcomes():
        ended = {end["job_id"]: end["outcome"] for end in victim.events("job.ended")}
        return all(job["id"] in ended for job in held) and [ended[job["id"]] for job in held]

    outcome = until("the frozen worker to end its runs", outcomes, READY)
    rig.say(f"worker frozen with jobs {[job['id'] for job in held]}; its late runs: {outcome}")
    return [f"a late run was counted as {each}" for each in outcome if each != "fenced"]


def late_after_the_end(rig, crew, clients):
    """Another worker has done the job when the frozen one comes back."""
    victim, held = freeze_worker(rig, crew, clients)
    calls = ",".join(f"'{job['subject']}'" for job in held)
    until("another worker to do the frozen one's jobs", lambda: rig.database.number(
        f"SELECT count(*) FROM jobs WHERE subject IN ({calls})") == 0, SETTLED)
    before = rig.database.run(SNAPSHOT.format(calls))
    faults = thaw_worker(rig, victim, held)
    if rig.database.run(SNAPSHOT.format(calls)) != before:
        faults.append("a late commit changed something")
    return faults


def late_in_between(rig, crew, clients):
    """Another worker is at the job when the frozen one comes back: it stays the other's."""
    victim, held = freeze_worker(rig, crew, clients)
    job = held[0]
    mine = f"FROM jobs WHERE id = {job['id']}"
    until("the rescue", lambda: rig.database.run(f"SELECT state {mine}") != "running", SETTLED)
    # Nobody takes it before all others are done, so that its next run can be kept waiting.
    rig.database.run(f"UPDATE jobs SET run_at = now() + interval '1 hour' WHERE id = {job['id']} "
                     "AND state = 'available'")
    until("the other jobs to end", lambda: clients.all_acknowledged() and rig.database.number(
        f"SELECT count(*) FROM jobs WHERE id <> {job['id']}") == 0, SETTLED)
    rig.speech.answering.clear()
    # A reply that was kept before the freeze would end the next run without asking anybody.
    rig.database.run(f"DELETE FROM provider_calls WHERE subject = '{job['subject']}'")
    rig.database.run(f"UPDATE jobs SET run_at = now() WHERE id = {job['id']} AND state = 'available'")
    token = until("another worker's claim", lambda: rig.database.run(f"SELECT lease_token {mine}"), SETTLED)
    faults = thaw_worker(rig, victim, [job])
    if rig.database.run(f"SELECT lease_token {mine}") != token:
        faults.append("a late commit ended another worker's job")
    rig.speech.answering.set()
    until("the job to end", lambda: rig.database.run(f"SELECT count(*) {mine}") == "0", SETTLED)
    if rig.database.run(f"SELECT lease_token FROM jobs_history WHERE id = {job['id']}") != token:
        faults.append("the job was not ended by the worker that held it")
    return faults


def crash_workers(rig, kills, freezes):
    crew = Crew(rig)
    clients = r.Clients(rig.port, rig.seed, "workers")
    clients.grant(2)
    kill_workers(rig, crew, clients, kills)
    for name, freeze in (("after", late_after_the_end), ("during", late_in_between)):
        faults = [fault for _ in range(freezes) for fault in freeze(rig, crew, clients)]
        rig.check(f"frozen worker: its late commit {name} another's run is refused", faults)
    settle(rig, clients)
    check_part(rig, clients, "workers killed", crew.all())


def crash_database(rig, kills):
    crew = Crew(rig)
    clients = r.Clients(rig.port, rig.seed, "database")
    recovered = []
    for _ in range(kills):
        clients.grant(5)
        until("a running job", crew.running_jobs, SETTLED)
        time.sleep(rig.random.uniform(0.05, 0.8))
        victim = until("the postmaster", rig.database.postmaster, READY)
        os.kill(victim, signal.SIGKILL)
        killed_at = time.time()
        until("PostgreSQL to come back", lambda old=victim: crew.keep_alive() or (
            rig.database.postmaster() not in (0, old) and rig.database.answers()), READY)
        recovered.append(time.time() - killed_at)
        time.sleep(0.3)  # requests that were under way get their errors
        rig.database.let_reservations_pass(killed_at + 0.2)
    settle(rig, clients, crew.keep_alive)
    rig.say(f"PostgreSQL killed {kills} times, answered again within {max(recovered):.2f} s; "
            f"processes restarted by the test: {crew.restarted}")
    rig.check("database killed: the program recovers by itself",
              [f"{crew.restarted} processes ended"] if crew.restarted else [])
    check_part(rig, clients, "database killed", crew.all())


def run_lane(rig, parts):
    """One installation of its own; its parts follow each other."""
    name = "directory"
    try:
        seed_directory(rig)
        for name, part in parts:
            if os.environ.get("CHAOS_ONLY", name) == name:
                part(rig)
    except Exception as error:  # whatever it is: it belongs to the verdict, and the rest would repeat it
        rig.check(name, [f"{type(error).__name__}: {error}"])
    finally:
        rig.end()


def main():
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(1 << 30)))
    rounds = int(os.environ.get("CHAOS_ROUNDS", "1"))
    lanes = [(Rig(seed), [("server killed", lambda rig: kill_server(rig, 10 * rounds))]),
             (Rig(seed + 1), [("workers killed", lambda rig: crash_workers(rig, 10 * rounds, rounds)),
                              ("database killed", lambda rig: crash_database(rig, 3 * rounds))])]
    rigs = [rig for rig, _ in lanes]
    rigs[0].say(f"seed {seed}, rounds {rounds}, {rigs[0].binary}")

    def give_up(*_):
        """Told to stop: leave no process behind, frozen ones least of all."""
        for rig in rigs:
            rig.end()
        os._exit(1)

    signal.signal(signal.SIGTERM, give_up)
    threads = [threading.Thread(target=run_lane, args=lane) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = sum(rig.failed for rig in rigs)
    rigs[0].say(f"seed {seed}: {failed} checks failed, {sum(len(rig.calls) for rig in rigs)} calls")
    return 1 if failed else 0


STARTED = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
