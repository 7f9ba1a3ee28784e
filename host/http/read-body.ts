import type { IncomingMessage } from 'node:http';
import { RefusedError } from '#shared/errors/errors.ts';

/** A request body for the API is at most 256 KB: firmware goes straight to the bucket. */
export const MAX_BODY_BYTES = 262_144;

/** The whole body, or `undefined` when there is none. Throws `RefusedError` as soon as it is too long. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > MAX_BODY_BYTES) throw tooLong();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    // A request stream without an encoding gives buffers.
    const bytes = chunk as Buffer;
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_BODY_BYTES) throw tooLong();
    chunks.push(bytes);
  }
  return sizeBytes === 0 ? undefined : Buffer.concat(chunks, sizeBytes);
}

function tooLong(): RefusedError {
  return new RefusedError('body', `must be at most ${MAX_BODY_BYTES} bytes`);
}
