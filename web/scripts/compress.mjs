// Writes a .gz beside each text file of the build, for the server to send as it is.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = process.env.HS_WEB_OUT ?? 'dist';
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && /\.(js|css|svg|json|txt)$/.test(entry.name)) {
    const text = readFileSync(path);
    const packed = gzipSync(text, { level: 9 });
    if (packed.length < text.length) writeFileSync(`${path}.gz`, packed);
  }
}
