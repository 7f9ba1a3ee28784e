import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { type ByteRange, parseRange } from './byte-range.ts';
import type { ObjectIndex } from './object-index.ts';
import type { PartFiles } from './part-files.ts';
import type { SignedRequest } from './presigned-url.ts';
import { watchProgress } from './stalled-peer.ts';

const WHOLE: ByteRange = { kind: 'whole' };

/** Where an object comes from and how long its receiver may take nothing. */
export interface ObjectSender {
  readonly index: ObjectIndex;
  readonly files: PartFiles;
  readonly world: World;
  readonly idleSeconds: number;
}

/**
 * Answers GET and HEAD of an object: 200, or for one range 206 or 416 (RFC 9110, section 14). `If-Range` counts only as a
 * strong ETag; with any other the whole is sent. Throws `NotFoundError`, and whatever ends the answer early.
 */
export async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  signed: SignedRequest,
  sender: ObjectSender,
): Promise<void> {
  const object = sender.index.latest(signed.bucket, signed.key);
  if (object === undefined) throw new NotFoundError('key', 'there is no such object');
  const etag = `"${object.etag}"`;
  const range = request.method === 'HEAD' ? WHOLE : rangeAsked(request, etag, object.sizeBytes);
  const { sizeBytes } = object;
  const { from, to } = range.kind === 'part' ? range : { from: 0, to: sizeBytes };
  const always = { etag, 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff' };
  if (range.kind === 'unsatisfiable') {
    response
      .writeHead(416, { ...always, 'content-range': `bytes */${sizeBytes}`, 'content-length': 0 })
      .end();
    return;
  }
  response.writeHead(range.kind === 'part' ? 206 : 200, {
    ...always,
    'content-type': 'application/octet-stream',
    'content-length': to - from,
    ...(range.kind === 'part' ? { 'content-range': `bytes ${from}-${to - 1}/${sizeBytes}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendBytes(response, sender.files.read(sender.index.files(object.blob), from, to), sender);
}

function rangeAsked({ headers }: IncomingMessage, etag: string, sizeBytes: number): ByteRange {
  const ifRange = headers['if-range'];
  return ifRange === undefined || ifRange === etag ? parseRange(headers.range, sizeBytes) : WHOLE;
}

async function sendBytes(
  response: ServerResponse,
  bytes: AsyncIterable<Uint8Array>,
  { world, idleSeconds }: ObjectSender,
): Promise<void> {
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      yield chunk;
      taken += chunk.length;
    }
  }
  const stopWatching = watchProgress(
    world,
    idleSeconds,
    () => taken,
    () => response.destroy(),
  );
  try {
    await pipeline(Readable.from(counted(), { objectMode: false }), response);
  } finally {
    stopWatching();
  }
}
