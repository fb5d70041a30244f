/** A list of recordings as CSV: what stands in its row for a file counts before the fields chosen for all. */
import type { UploadFields } from './upload-queue';

export type Kind = 'agent' | 'city' | 'issue';
const columns: Record<string, Kind | 'file' | 'channels'> = {
  file: 'file', filename: 'file', file_name: 'file', agent: 'agent', agent_identifier: 'agent', employee_id: 'agent', city: 'city', city_identifier: 'city',
  issue: 'issue', issue_category: 'issue', channels: 'channels', channel_map: 'channels',
};

export interface Manifest {
  rows: ReadonlyMap<string, Partial<Record<Kind | 'channels', string>>>;
}

/** Cells of a CSV text; quoted cells may hold commas, line ends and doubled quotes. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const close = (): void => { rows.at(-1)!.push(cell.trim()); cell = ''; };
  for (let i = 0; i < text.length; i += 1) {
    const here = text[i]!;
    if (quoted) {
      if (here !== '"') cell += here;
      else if (text[i + 1] === '"') { cell += '"'; i += 1; } else quoted = false;
    } else if (here === '"' && cell.trim() === '') { quoted = true; cell = ''; } else if (here === ',' || here === ';') close();
    else if (here === '\n') { close(); rows.push([]); } else if (here !== '\r') cell += here;
  }
  close();
  return rows.filter((row) => row.some((each) => each !== ''));
}

/** Undefined when the text has no column of file names. */
export function readManifest(text: string): Manifest | undefined {
  const [head = [], ...body] = cellsOf(text.replace(/^\uFEFF/, ''));
  const kinds = head.map((name) => columns[name.toLowerCase().replaceAll(' ', '_')]);
  const file = kinds.indexOf('file');
  if (file < 0) return undefined;
  const rows = new Map<string, Partial<Record<Kind | 'channels', string>>>();
  for (const row of body) {
    const name = row[file];
    if (name === undefined || name === '') continue;
    const found: Partial<Record<Kind | 'channels', string>> = {};
    kinds.forEach((kind, i) => { if (kind !== undefined && kind !== 'file' && row[i]) found[kind] = row[i]; });
    rows.set(name, found);
  }
  return { rows };
}

/** Something of the directory: what the server takes, and the words by which people know it. */
export interface Choice {
  value: string;
  label: string;
  also?: readonly (string | null)[];
}

export function find(choices: readonly Choice[], said: string): Choice | undefined {
  const wanted = said.trim().toLowerCase();
  return wanted === '' ? undefined : choices.find((choice) => [choice.value, choice.label, ...(choice.also ?? [])].some((each) => each?.toLowerCase() === wanted));
}

export type Directory = Record<Kind, readonly Choice[]>;
/** What a person said an unknown name of the list stands for: "city:Bombay" is the value of Mumbai. */
export type Mapping = Readonly<Record<string, string>>;
const kinds: readonly Kind[] = ['agent', 'city', 'issue'];

/** Names of the list that the directory does not know, each once. */
export function unknownNames(manifest: Manifest, directory: Directory): { kind: Kind; name: string }[] {
  const seen = new Map<string, { kind: Kind; name: string }>();
  for (const row of manifest.rows.values()) {
    for (const kind of kinds) {
      const name = row[kind];
      if (name !== undefined && find(directory[kind], name) === undefined) seen.set(`${kind}:${name}`, { kind, name });
    }
  }
  return [...seen.values()];
}

/** The fields of one file, or the kinds that nobody has told. */
export function fieldsOf(file: string, shared: UploadFields, manifest: Manifest | undefined, directory: Directory, mapping: Mapping): { fields: UploadFields; missing: Kind[] } {
  const row = manifest?.rows.get(file) ?? {};
  const value = (kind: Kind, common: string): string => {
    const name = row[kind];
    return name === undefined ? common : (find(directory[kind], name)?.value ?? mapping[`${kind}:${name}`] ?? '');
  };
  const fields: UploadFields = {
    ...shared, agent_identifier: value('agent', shared.agent_identifier), city_identifier: value('city', shared.city_identifier), issue_category: value('issue', shared.issue_category),
    ...(row.channels === undefined ? {} : { channel_map: row.channels }),
  };
  const told: Record<Kind, string> = { agent: fields.agent_identifier, city: fields.city_identifier, issue: fields.issue_category };
  return { fields, missing: kinds.filter((kind) => told[kind] === '') };
}
