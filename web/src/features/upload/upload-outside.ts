import { api, body } from '@/api/client';
import { Problem, problemOf, Unreachable } from '@/api/problem';
import type { Schemas } from '@/api/client';
import type { CallDetail } from '@/api/queries';
import { UploadQueue, type Followed, type Outside, type Sent, type UploadFields, type UploadRow } from './upload-queue';

/** XMLHttpRequest, because fetch tells no progress of a body. */
function send(file: File, fields: UploadFields, key: string, progress: (sent: number) => void, signal: AbortSignal): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') form.append(name, value);
    form.append('file', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', '/ingest/call');
    request.setRequestHeader('Idempotency-Key', key);
    request.upload.onprogress = (event) => progress(Math.min(event.loaded, file.size));
    request.onerror = () => reject(new Unreachable());
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    request.onload = () => {
      let reply: unknown;
      try {
        reply = JSON.parse(request.responseText);
      } catch {
        reply = undefined;
      }
      if (request.status === 201) {
        const stored = reply as Schemas['IngestReply'];
        resolve({ call_id: stored.call_id, duration: stored.media_info.duration_seconds, duplicate: stored.media_info.flags?.includes('duplicate') ?? false });
        return;
      }
      const problem = problemOf(new Response(null, { status: request.status || 500 }), reply);
      const fieldTexts = problem.body.errors?.map((error) => `${error.field}: ${error.message}`).join(' ') ?? '';
      reject(new Problem(problem.status, problem.code, fieldTexts === '' ? problem.detail : `${problem.detail} ${fieldTexts}`, problem.requestId, undefined, problem.body));
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

async function follow(id: string): Promise<Followed> {
  const status = await body(api.GET('/api/calls/{id}/status', { params: { path: { id } } }));
  const done = status.processing_status === 'analyzed';
  const detail = done ? ((await body(api.GET('/api/calls/{id}', { params: { path: { id } } }))) as CallDetail) : undefined;
  const score = detail?.scored === true ? detail.overall_quality_score : undefined;
  return { status: status.processing_status, failure: status.failure_code, score };
}

const database = 'hacksmart';
const store = 'uploads';

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Names, sizes and states; never who called. */
async function keep(rows: readonly UploadRow[]): Promise<void> {
  const base = await opened();
  base.transaction(store, 'readwrite').objectStore(store).put(rows, 'rows');
  base.close();
}

async function kept(): Promise<UploadRow[]> {
  const base = await opened();
  return new Promise((resolve, reject) => {
    const request = base.transaction(store).objectStore(store).get('rows');
    request.onsuccess = () => resolve((request.result as UploadRow[] | undefined) ?? []);
    request.onerror = () => reject(request.error);
  });
}

const outside: Outside = { send, follow, now: () => Date.now(), keep: (rows) => void keep(rows).catch(() => undefined) };

export const uploads = new UploadQueue(outside);
void kept().then((rows) => { uploads.restore(rows); return uploads.lookAll(); }).catch(() => undefined);

const hex = (octets: Uint8Array): string => [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('');

export const newBatch = (): string => hex(crypto.getRandomValues(new Uint8Array(16)));

/** Outside HTTPS and this machine browsers give no SHA-256; a key needs no secrecy, only to differ. */
async function digest(octets: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (crypto.subtle !== undefined) return new Uint8Array(await crypto.subtle.digest('SHA-256', octets));
  const sums = new Uint32Array([0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]);
  for (const octet of octets) for (let i = 0; i < 4; i += 1) sums[i] = Math.imul(sums[i]! ^ (octet + i), 0x01000193);
  return new Uint8Array(sums.buffer);
}

/** Batch, name, size, time and, for files of up to 64 MiB, content: sending it again is answered with the first call. */
export async function uploadKey(batch: string, file: File, fields: UploadFields): Promise<string> {
  const parts = new TextEncoder().encode([batch, file.name, file.size, file.lastModified, JSON.stringify(fields)].join('\n'));
  const content = await digest(new Uint8Array(file.size <= 64 * 2 ** 20 ? await file.arrayBuffer() : new ArrayBuffer(0)));
  const all = new Uint8Array(parts.length + content.length);
  all.set(parts);
  all.set(content, parts.length);
  return hex(await digest(all));
}
