import type { IncomingMessage } from 'node:http';
import { RefusedError } from '#shared/errors/errors.ts';

/** A request body for the API is at most 256 KB: firmware goes straight to the bucket. */
const MAX_BODY_BYTES = 262_144;
/** How much of a refused body is read before its sender is cut off. */
const MOST_DISCARDED_BYTES = 1_048_576;

/** The whole body, or `undefined` when there is none. Throws `RefusedError` as soon as it is too long, or when it ends early. */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const tooLong = new RefusedError('body', `must be at most ${MAX_BODY_BYTES} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.reject(tooLong);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const take = (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else {
      request.off('data', take);
      reject(tooLong);
    }
  };
  request.on('data', take);
  request.once('end', () => resolve(sizeBytes === 0 ? undefined : Buffer.concat(chunks, sizeBytes)));
  request.once('close', () => reject(new RefusedError('body', 'must come whole')));
  request.once('error', reject);
  return promise;
}

/** Reads what a refused sender still sends, so that it gets to see the answer; one that sends on and on is cut off. */
export function discardRest(request: IncomingMessage): void {
  let discardedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > MOST_DISCARDED_BYTES) request.destroy();
  });
}
