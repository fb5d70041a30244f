// The real program on a data directory of its own, with the speech server for tests behind it.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, startSpeech } from './speech.mjs';

const project = fileURLToPath(new URL('../../../', import.meta.url));

function program() {
  if (process.env.HS_PROGRAM) return process.env.HS_PROGRAM;
  const builds = existsSync(join(project, 'build')) ? readdirSync(join(project, 'build')) : [];
  const found = builds.map((name) => join(project, 'build', name, 'hacksmart')).filter((path) => existsSync(path));
  if (found.length === 0) throw new Error('build the program first, or set HS_PROGRAM');
  return found.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

async function until(what, condition, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition().catch(() => undefined);
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'hs-e2e-'));
  chmodSync(folder, 0o711); // the private PostgreSQL may run as another user
  const speech = await startSpeech();
  const environment = {
    PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), LISTEN: '127.0.0.1:0', STT_ENGINE: 'openai', STT_BASE_URL: speech.url, STT_ALLOW_PRIVATE: 'true',
    WEB_DIR: process.env.HS_WEB_OUT ?? fileURLToPath(new URL('../../dist', import.meta.url)),
  };
  const added = spawnSync(program(), ['directory', 'import', 'scripts/demo/agents.csv', 'scripts/demo/cities.csv'], { cwd: project, env: environment, encoding: 'utf8' });
  if (added.status !== 0) throw new Error(`directory import: ${added.stderr}${added.stdout}`);
  const log = join(folder, 'log');
  let child;
  let url;
  const start = async () => {
    const from = existsSync(log) ? statSync(log).size : 0;
    const out = openSync(log, 'a');
    child = spawn(program(), ['all'], { cwd: project, env: environment, stdio: ['ignore', out, out] });
    url = await until('the server', async () => {
      if (child.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
      return /"msg":"server started".*?"url":"([^"]+)"/.exec(readFileSync(log, 'utf8').slice(from))?.[1];
    });
    environment.LISTEN = url.replace('http://', ''); // the same address after a restart
  };
  const stop = () => new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
  await start();
  return {
    get url() { return url; },
    start,
    stop,
    async close() {
      await stop();
      speech.close();
      rmSync(folder, { recursive: true, force: true });
    },
    /** Uploads a bundled recording and waits until it is judged; its id. */
    async upload(id, fields) {
      expect(id);
      const calls = join(project, 'tests/data/corpus/calls');
      const name = readdirSync(calls).find((each) => each.startsWith(`${id}.`));
      const form = new FormData();
      for (const [key, value] of Object.entries(fields)) form.append(key, value);
      form.append('file', new File([readFileSync(join(calls, name))], name));
      const reply = await (await fetch(`${url}/ingest/call`, { method: 'POST', body: form })).json();
      if (reply.call_id === undefined) throw new Error(JSON.stringify(reply));
      await until(`the judgement of ${id}`, async () => (await (await fetch(`${url}/api/calls/${reply.call_id}/status`)).json()).processing_status === 'analyzed');
      return reply.call_id;
    },
  };
}
