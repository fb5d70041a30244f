#!/usr/bin/env python3
"""import-reference at size: a database of the reference implementation, taken over and taken over again.

    bench/reference_import.py BUILD_DIR [--calls 100000] [--agents 500] [--turns 20]

One private PostgreSQL holds both sides. Printed, each in seconds, calls a second and CPU seconds of program and PostgreSQL: a dry
run, the import, the same import again (nothing has changed). Limits of the same run: COPY of all five source tables to /dev/null,
and a plain INSERT … SELECT of them into tables without keys. Needs root (PostgreSQL's own superuser makes the source).
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")
TABLES = ("cities", "agents", "calls", "call_insights", "city_insights")
SOURCE = """
CREATE TABLE cities (id serial PRIMARY KEY, name varchar(100) NOT NULL, state varchar(100));
CREATE TABLE agents (id uuid PRIMARY KEY, name varchar(150) NOT NULL, employee_id varchar(50) UNIQUE, languages text[],
    overall_insight_text text, insight_history jsonb DEFAULT '[]', last_insight_generated_at timestamp);
CREATE TABLE calls (id uuid PRIMARY KEY, agent_id uuid, city_id int, customer_phone varchar(20), customer_name varchar(100),
    customer_preferred_language varchar(50), audio_url text NOT NULL, duration_seconds int, call_timestamp timestamptz,
    call_context varchar(30), primary_issue_category text, agent_manual_note text, processing_status varchar(20));
CREATE TABLE call_insights (call_id uuid PRIMARY KEY, transcript text, language_spoken varchar(50),
    sop_compliance_score decimal(5,4), sentiment_stabilization_score decimal(3,2), resolution_validity_score decimal(3,2),
    overall_quality_score decimal(5,4), escalation_risk boolean, why_flagged text, human_remarks text, business_insight text,
    coaching_insight text, communication_score decimal(5,4), coaching_priority decimal(5,4), issue_analysis jsonb,
    resolution_analysis jsonb, sop_deviations jsonb, sentiment_trajectory jsonb, created_at timestamp);
CREATE TABLE city_insights (city_id int PRIMARY KEY, avg_quality_score decimal(5,4), daily_ops_insight text,
    latest_month_insight text, overall_city_insight text, coaching_focus_for_city text, key_operational_risks text[],
    insight_history jsonb DEFAULT '[]', last_insight_generated_at timestamp);
INSERT INTO cities SELECT g, 'City ' || g, 'State ' || g % 20 FROM generate_series(1, 50) g;
INSERT INTO agents SELECT ('a0000000-0000-4000-8000-' || lpad(g::text, 12, '0'))::uuid, 'Agent ' || g, 'REF-' || g,
    ARRAY['Hindi', 'English'] FROM generate_series(1, {agents}) g;
INSERT INTO calls SELECT ('c0000000-0000-4000-8000-' || lpad(g::text, 12, '0'))::uuid,
    ('a0000000-0000-4000-8000-' || lpad((1 + g % {agents})::text, 12, '0'))::uuid, 1 + g % 50, '98765' || lpad((g % 100000)::text, 5, '0'),
    'Customer ' || g, NULL, 'https://bucket.example.com/calls/' || g || '.mp3', 60 + g % 300,
    timestamptz '2026-01-01 00:00+00' - g * interval '3 minutes', 'NEW_ISSUE', 'Billing Query', NULL, 'analyzed'
    FROM generate_series(1, {calls}) g;
INSERT INTO call_insights SELECT ('c0000000-0000-4000-8000-' || lpad(g::text, 12, '0'))::uuid,
    (SELECT string_agg(CASE WHEN t % 2 = 0 THEN 'Agent: Thank you, I have checked the station and your plan is active again, anything else? '
                       ELSE 'Customer: My number is 98765' || lpad((g % 100000)::text, 5, '0') || ' and the battery was not swapped. ' END || t, E'\\n')
     FROM generate_series(0, {turns} - 1) t), 'english',
    (g % 10001) / 10000.0, (g % 3) / 2.0, (ARRAY[0, 0.75, 1])[1 + g % 3], ((g * 7) % 10001) / 10000.0, g % 50 = 0,
    CASE WHEN g % 50 = 0 THEN 'The caller threatened to complain.' END, CASE WHEN g % 10 = 0 THEN 'Was polite.' END,
    'Refund wanted.', 'Say sorry.', 0.8, 0.4, '{{"primary_issue":"Billing"}}', '{{"resolved":true}}',
    '[{{"turn_number":1,"start_time":1.5,"end_time":2,"deviated_phrase":"x","should_have_said":"Sorry.","what_was_wrong":"no_apology","severity":0.5}}]',
    '[{{"turn":2,"score":0.2,"sentiment":"negative"}}]', timestamp '2026-01-01' - g * interval '3 minutes'
    FROM generate_series(1, {calls}) g;
INSERT INTO city_insights (city_id, daily_ops_insight) SELECT id, 'Quiet.' FROM cities;
VACUUM ANALYZE;
"""


def tree_seconds(root):
    """CPU seconds of a process, its living children and those it has waited for."""
    total = 0.0
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        own, waited = (int(fields[11]) + int(fields[12])) / TICK, (int(fields[13]) + int(fields[14])) / TICK
        if int(entry) == root:
            total += own + waited
        elif int(fields[1]) == root:
            total += own
    return total


class Server:
    """`hacksmart serve` on a private PostgreSQL in `data`: who imports beside it names both."""

    def __init__(self, build, data, port):
        env = dict(os.environ, DATA_DIR=str(data), LISTEN=f"127.0.0.1:{port}", LEAST_FREE_PERCENT="0", LOG_LEVEL="warn")
        self.process = subprocess.Popen([str(build / "hacksmart"), "serve"], env=env, stderr=open(data / "bench.log", "ab"))
        until = time.monotonic() + 120
        while not self.ready(port):
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit(f"the server did not start; see {data}/bench.log")
            time.sleep(0.05)
        self.socket = next(data.rglob(".s.PGSQL.5432")).parent
        self.postmaster = int(next(data.rglob("postmaster.pid")).read_text().split()[0])

    @staticmethod
    def ready(port):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).status == 200
        except OSError:
            return False

    def url(self, user, database):
        return f"host='{self.socket}' port='5432' user='{user}' dbname='{database}'"

    def superuser(self, *command, **more):
        return subprocess.run(["runuser", "-u", "postgres", "--", *command], check=True, env=dict(
            os.environ, PGHOST=str(self.socket), PGUSER="postgres", PGDATABASE="hacksmart"), **more)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def line(name, calls, seconds, program=None, database=None):
    cpu = "" if program is None else f"{program:10.1f}{database:12.1f}"
    print(f"  {name:<40}{seconds:10.1f}{calls / seconds:12.0f}{cpu}", flush=True)


def timed(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def measure_import(name, args, server, data, *more):
    before = tree_seconds(server.postmaster), sum(os.times()[2:4])
    begun = time.monotonic()
    done = subprocess.run([str(args.build / "hacksmart"), "import-reference", "--from", server.url("postgres", "reference_source"),
                           "--data-dir", str(data), "--database-url", server.url("hacksmart", "hacksmart"), *more],
                          capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    came = re.search(r"^calls +(\d+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not came or int(came.group(1)) != args.calls:
        sys.exit(f"{name} ended with {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    line(name, args.calls, seconds, sum(os.times()[2:4]) - before[1], tree_seconds(server.postmaster) - before[0])


def measure_limits(args, server):
    def psql(sql):
        return lambda: server.superuser("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "reference_source", "-c", sql)
    copies = "".join(f"COPY {table} TO '/dev/null';" for table in TABLES)
    line("limit: COPY of the five tables out", args.calls, timed(psql(copies)))
    again = "".join(f"INSERT INTO plain.{table} SELECT * FROM {table};" for table in TABLES)
    psql("CREATE SCHEMA plain;" + "".join(f"CREATE TABLE plain.{table} (LIKE {table});" for table in TABLES))()
    line("limit: INSERT ... SELECT without keys", args.calls, timed(psql(again)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--calls", type=int, default=100000)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--port", type=int, default=18093)
    args = parser.parse_args()
    args.build = args.build.resolve()
    data = pathlib.Path(tempfile.mkdtemp(prefix="hs-import-", dir="/tmp"))
    os.chmod(data, 0o755)
    server = Server(args.build, data, args.port)
    try:
        server.superuser("createdb", "reference_source")
        sql = SOURCE.format(calls=args.calls, agents=args.agents, turns=args.turns)
        server.superuser("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "reference_source", input=sql, text=True)
        print(f"{args.calls} calls of {args.turns} turns, {args.agents} agents, 50 cities")
        print(f"  {'':<40}{'seconds':>10}{'calls/s':>12}{'CPU s':>10}{'CPU s PG':>12}")
        measure_limits(args, server)
        measure_import("dry run", args, server, data, "--dry-run")
        measure_import("import", args, server, data)
        measure_import("the same again", args, server, data)
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
