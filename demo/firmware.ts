import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile, copyFile } from 'node:fs/promises';

const MADE_BYTES = 20 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** Writes a firmware of 20 MB that nothing compresses to `file`. */
export async function makeFirmware(file: string): Promise<void> {
  const out = createWriteStream(file);
  for (let written = 0; written < MADE_BYTES; written += CHUNK_BYTES) {
    if (!out.write(randomFillSync(Buffer.alloc(CHUNK_BYTES)))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

/** Another version of `file`: the same bytes and a few more. */
export async function makeNextFirmware(file: string, next: string): Promise<void> {
  await copyFile(file, next);
  await appendFile(next, 'the version that bricks every other device\n');
}
