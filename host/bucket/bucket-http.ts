import type { IncomingMessage, ServerResponse } from 'node:http';
import { discardRest } from '#host/http/read-body.ts';
import { toErrorAnswer } from '#shared/errors/http-status.ts';
import { errorCode } from '#shared/program/error-code.ts';
import type { World } from '#shared/world/world.ts';
import type { ObjectIndex } from './object-index.ts';
import type { PartFiles } from './part-files.ts';
import type { UrlSigner } from './presigned-url.ts';
import { receivePart } from './receive-part.ts';
import type { Room } from './room.ts';
import { sendObject } from './send-object.ts';
import type { UploadIndex } from './upload-index.ts';

/** How much of a refused part is read before its sender is cut off. */
const MOST_DISCARDED_BYTES = 16 * 1024 * 1024;

/** What Node's streams say when a connection ended in the middle. */
const PEER_GONE = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_UNABLE_TO_PIPE',
]);

/** What the HTTP side of the buckets works with. */
export interface BucketHttpParts {
  readonly signer: UrlSigner;
  readonly index: ObjectIndex;
  readonly uploads: UploadIndex;
  readonly filesOf: (bucket: string) => PartFiles;
  readonly world: World;
  /** A peer that moves nothing or next to nothing for so long is cut off. */
  readonly idleSeconds: number;
  readonly room: Room;
  /** Hears of every fault that is not the peer's. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Answers `true` when the request was for it, and then it has answered or cut the peer off; it never rejects. `onLetIn` is called once the
 * URL has been found to be signed for this, and may throw what the peer is then answered.
 */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  onLetIn?: () => void,
) => Promise<boolean>;

/** Serves presigned URLs: PUT of parts, GET and HEAD of objects, under `/bucket/`. */
export function bucketHttp(parts: BucketHttpParts): HttpHandler {
  return async (request, response, onLetIn) => {
    const { url = '', method = '' } = request;
    if (!url.startsWith('/bucket/')) return false;
    try {
      const signed = parts.signer.check(method, url);
      onLetIn?.();
      const files = parts.filesOf(signed.bucket);
      if (signed.method === 'PUT') await receivePart(request, response, signed, { ...parts, files });
      else await sendObject(request, response, signed, { ...parts, files });
    } catch (error) {
      answerError(request, response, error, parts.onFault);
    }
    discardRest(request, MOST_DISCARDED_BYTES);
    return true;
  };
}

function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  onFault: (error: unknown) => void,
): void {
  if (isPeerGone(error)) return;
  const { status, body } = toErrorAnswer(error);
  if (status >= 500) onFault(error);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = request.method === 'HEAD' ? undefined : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** Whether an error says no more than that the other side went away, or was cut off for stalling. */
function isPeerGone(error: unknown): boolean {
  return PEER_GONE.has(errorCode(error) ?? '');
}
