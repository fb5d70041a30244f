// What goes into the bundle: licences that may not be there fail, the others are written to THIRD_PARTY_NOTICES.txt
// of the build, with the texts that their packages bring.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const allowed = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense', 'CC0-1.0']);
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const held = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.dev && !entry.optional && !entry.devOptional && existsSync(path));

/** One allowed side of "A OR B" is enough; "A AND B" needs both. */
const fits = (licence) => licence.replace(/[()]/g, '').split(' OR ').some((side) => side.split(' AND ').every((each) => allowed.has(each.trim())));

const refused = [];
const notices = [
  'The map: @react-map/india (MIT), after a MapSVG drawing (CC BY 4.0), changed. City points: GeoNames (CC BY 4.0).',
];
for (const [path, entry] of held) {
  const facts = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const licence = facts.license ?? entry.license ?? 'none';
  if (typeof licence !== 'string' || !fits(licence)) refused.push(`${facts.name} ${facts.version}: ${JSON.stringify(licence)}`);
  const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(path, file), 'utf8').trim()}`;
  notices.push(`${facts.name} ${facts.version} (${licence})${text}`);
}
if (held.length === 0) refused.push('no package found: npm ci first');
for (const line of refused) console.error(`not allowed: ${line}`);
const folder = process.env.HS_WEB_OUT ?? 'dist';
if (existsSync(folder)) writeFileSync(join(folder, 'THIRD_PARTY_NOTICES.txt'), `${notices.join(`\n\n${'-'.repeat(80)}\n`)}\n`);
console.log(`${held.length} packages in the bundle, ${refused.length} not allowed`);
process.exit(refused.length === 0 ? 0 : 1);
