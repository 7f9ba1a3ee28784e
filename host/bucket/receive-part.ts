import type { IncomingMessage, ServerResponse } from 'node:http';
import { sizeOfPart } from '#shared/capabilities/limits/upload-plan.ts';
import { NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import type { PartFiles } from './part-files.ts';
import type { SignedRequest } from './presigned-url.ts';
import type { Room } from './room.ts';
import { watchProgress } from './stalled-peer.ts';
import type { UploadIndex } from './upload-index.ts';

/** Where a part goes and how long its sender may be silent. */
export interface PartReceiver {
  readonly uploads: UploadIndex;
  readonly files: PartFiles;
  readonly world: World;
  readonly idleSeconds: number;
  readonly room: Room;
}

/**
 * Takes the body of a PUT as one part of a multipart upload, in constant memory, and answers its ETag once it is durable.
 * A part that was sent before is replaced only when the new one is whole. Throws `RefusedError` (length), `NotFoundError`
 * (upload gone), `WrongStateError` (the disk is nearly full), and whatever ends the body early; then nothing of it is left.
 */
export async function receivePart(
  request: IncomingMessage,
  response: ServerResponse,
  signed: SignedRequest,
  receiver: PartReceiver,
): Promise<void> {
  const { uploads, files, world, idleSeconds, room } = receiver;
  const { uploadId = '', number = 0 } = signed.part ?? {};
  const upload = uploads.findOpen(signed.bucket, signed.key, uploadId);
  const sizeBytes = sizeOfPart(upload, number);
  if (sizeBytes === undefined) throw new NotFoundError('part', 'this upload has no such part');
  if (request.headers['content-length'] !== String(sizeBytes)) {
    throw new RefusedError('content-length', `must be ${sizeBytes}, the exact size of part ${number}`);
  }
  const releaseRoom = await room.take(sizeBytes);
  let received = 0;
  const body = exactly(sizeBytes, request, (bytes) => {
    received += bytes;
  });
  const stopWatching = watchProgress(
    world,
    idleSeconds,
    () => received,
    () => request.destroy(),
  );
  try {
    const { part, replaced } = await files.write(body, (arrived) => ({
      part: arrived,
      replaced: uploads.keepPart(upload, number, arrived),
    }));
    if (replaced !== undefined) await files.remove(replaced);
    response.writeHead(200, { etag: `"${part.etag}"`, 'content-length': 0 }).end();
  } finally {
    stopWatching();
    releaseRoom();
  }
}

/**
 * Passes on `sizeBytes` bytes and counts them; throws when there are more or fewer. HTTP/1 sees to that itself, but what
 * was promised to be of one size must not depend on the parser in front.
 */
async function* exactly(
  sizeBytes: number,
  bytes: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let leftBytes = sizeBytes;
  for await (const chunk of bytes) {
    leftBytes -= chunk.length;
    if (leftBytes < 0) break;
    count(chunk.length);
    yield chunk;
  }
  if (leftBytes !== 0) throw new RefusedError('content-length', 'differs from what was sent');
}
