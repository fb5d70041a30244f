// Rules of the dashboard that TypeScript does not know: where colours are, that data never becomes HTML, that texts are
// all there, that files stay small. One line a finding.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const findings = [];
const files = ['src', 'test', 'scripts'].flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(tsx?|mjs|css)$/.test(entry.name) && !entry.name.endsWith('.gen.d.ts'))
  .map((entry) => join(entry.parentPath, entry.name)));
const rules = [
  { name: 'a colour outside tokens.css', where: (path) => path.startsWith('src/') && !path.endsWith('tokens.css'), what: /#[0-9a-f]{3,8}\b(?!['"]?\)\.)|\b(?:rgb|hsl)a?\(/i },
  { name: 'HTML made of data', where: () => true, what: /dangerouslySetInner[H]TML|\.inner[H]TML\s*=|insertAdjacent[H]TML/ },
  { name: 'a type that says nothing', where: (path) => path.startsWith('src/'), what: /:\s*any\b|\bas any\b|@ts-(?:ignore|nocheck)/ },
  { name: 'a trace of debugging', where: (path) => path.startsWith('src/'), what: /\bconsole\.log\(|\bdebugger\b/ },
];
const sources = new Map(files.map((path) => [path, readFileSync(path, 'utf8')]));
for (const [path, text] of sources) {
  const lines = text.split('\n');
  if (lines.length > 400) findings.push(`${path}: ${lines.length} lines`);
  lines.forEach((line, i) => {
    for (const rule of rules) if (rule.where(path) && rule.what.test(line)) findings.push(`${path}:${i + 1}: ${rule.name}: ${line.trim().slice(0, 80)}`);
  });
}

const flat = (tree, prefix = '') => Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)));
const catalogue = (language) => new Map(flat(JSON.parse(readFileSync(`src/i18n/${language}.json`, 'utf8'))));
const en = catalogue('en');
const hi = catalogue('hi');
const plain = (key) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const values = (text) => [...text.matchAll(/{{\s*(\w+)/g)].map((found) => found[1]).sort().join();
for (const [key, text] of hi) {
  if (!en.has(key)) findings.push(`hi.json: ${key} is no text of en.json`);
  else if (values(text) !== values(en.get(key))) findings.push(`hi.json: ${key} has other values than in en.json`);
}
for (const key of en.keys()) if (!hi.has(key)) findings.push(`hi.json: ${key} is missing`);
// A text is used by its whole key, or by a key that code completes: t(`verdict.${…}`).
const code = [...sources].filter(([path]) => path.startsWith('src/')).map(([, text]) => text).join('\n');
const completed = [...code.matchAll(/`([\w.]+[._])\$\{/g)].map((found) => found[1]);
for (const key of new Set([...en.keys()].map(plain))) {
  if (!code.includes(`'${key}'`) && !completed.some((start) => key.startsWith(start))) findings.push(`en.json: ${key} is used nowhere`);
}
for (const line of findings) console.error(line);
console.log(`${files.length} files, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
