// Fails when what a first visit fetches, or one lazy route, is larger than its budget (gzip, kB of 1000 bytes).
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = process.env.HS_WEB_OUT ?? 'dist';
const firstLimit = 230;
const chunkLimit = 60;
const size = (path) => gzipSync(readFileSync(path), { level: 9 }).length / 1000;
const html = readFileSync(join(folder, 'index.html'), 'utf8');
const assets = readdirSync(join(folder, 'assets')).filter((name) => /\.(js|css)$/.test(name));
// The first route is what the page names, what those files import, and the chunk of the map with its own imports.
const first = new Set();
function take(name) {
  if (first.has(name) || !assets.includes(name)) return;
  first.add(name);
  if (!name.endsWith('.js')) return;
  const text = readFileSync(join(folder, 'assets', name), 'utf8');
  for (const [, found] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) take(found);
}
for (const [, name] of html.matchAll(/assets\/([\w.-]+)"/g)) take(name);
for (const name of assets) if (/^risk-map-page-/.test(name)) take(name);
const total = size(join(folder, 'index.html')) + [...first].reduce((sum, name) => sum + size(join(folder, 'assets', name)), 0);
let failed = total > firstLimit;
console.log(`first route  ${total.toFixed(1).padStart(6)} kB of ${firstLimit}  (${[...first].join(', ')})`);
for (const name of assets) {
  if (first.has(name)) continue;
  const kilobytes = size(join(folder, 'assets', name));
  if (kilobytes > chunkLimit) failed = true;
  console.log(`${name.padEnd(44)} ${kilobytes.toFixed(1).padStart(6)} kB of ${chunkLimit}`);
}
process.exit(failed ? 1 : 0);
