import type { IncomingMessage } from 'node:http';
import { RefusedError } from '#shared/errors/errors.ts';

/** A request body for the API is at most 256 KB: firmware goes straight to the bucket. */
const MAX_BODY_BYTES = 262_144;
/** How much of a body that nobody wants is read before its sender is cut off, and for how long. */
const MOST_DISCARDED_BYTES = 1_048_576;
const DISCARDED_WITHIN_MS = 10_000;

/**
 * The whole body, or `undefined` when there is none. Throws `RefusedError` as soon as it is too long, or when it ends early; who has not
 * sent it within `withinMs` is cut off.
 */
export function readBody(request: IncomingMessage, withinMs: number): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const tooLong = new RefusedError('body', `must be at most ${MAX_BODY_BYTES} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.reject(tooLong);
  const late = setTimeout(() => request.destroy(), withinMs);
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
  const endsEarly = () => reject(new RefusedError('body', 'must come whole'));
  request.once('end', () => resolve(sizeBytes === 0 ? undefined : Buffer.concat(chunks, sizeBytes)));
  request.once('close', endsEarly);
  // All that a request can say is that its connection is gone.
  request.once('error', endsEarly);
  return promise.finally(() => clearTimeout(late));
}

/**
 * Reads what the sender of a request still sends that is answered already, so that it gets to see the answer; one that sends on and on,
 * or slowly, is cut off.
 */
export function discardRest(request: IncomingMessage, mostBytes = MOST_DISCARDED_BYTES): void {
  if (request.complete || request.destroyed) return;
  // Node tells a request that was answered nothing of the end of its connection: this must not keep a process from its own.
  const late = setTimeout(() => request.destroy(), DISCARDED_WITHIN_MS).unref();
  for (const over of ['end', 'close']) request.once(over, () => clearTimeout(late));
  let discardedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > mostBytes) request.destroy();
  });
}
