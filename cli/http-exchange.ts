import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { errorCode } from '#shared/program/error-code.ts';
import type { World } from '#shared/world/world.ts';
import { FailedError, UnreachableError, UntrustedServerError } from './errors.ts';

/** One request; the body is written in pieces, so that progress can be told. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Authority to trust (PEM) instead of those of this machine. */
  readonly caPem?: string | undefined;
  /** Connections to reuse; a connection of its own unless given. */
  readonly agent?: Agent | undefined;
  /** Ends the exchange, whatever has arrived. */
  readonly timeoutMs: number;
  /** Hears how many bytes of the body have been handed to the network since the last time. */
  readonly onSent?: (bytes: number) => void;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** A page of rollouts with long documents stays far below; more is not this API. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Nothing of the request has left this machine. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Sends a request over HTTPS and reads the whole answer. The server's certificate is always verified. Throws
 * `UnreachableError` (which says whether it may have arrived) and `UntrustedServerError`.
 */
export async function exchange(request: HttpRequest, world: World): Promise<HttpAnswer> {
  const { method, url, body, caPem, agent = false, timeoutMs } = request;
  const options: RequestOptions = {
    method,
    agent,
    minVersion: 'TLSv1.2',
    ...(caPem !== undefined && { ca: caPem }),
    headers: { ...request.headers, ...(body && { 'content-length': String(body.length) }) },
  };
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const outgoing = httpsRequest(url, options);
  const stop = world.after(timeoutMs, () => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)));
  outgoing.on('error', reject);
  outgoing.on('response', (response) => readAnswer(response).then(resolve, reject));
  // The answer decides: one that comes before the whole body was sent is a refusal.
  if (body === undefined) outgoing.end();
  else sendPieces(outgoing, body, request.onSent);
  try {
    return await promise;
  } catch (error) {
    outgoing.destroy();
    throw explain(error, url, isUntrusted(outgoing.socket));
  } finally {
    stop();
  }
}

function sendPieces(
  outgoing: ReturnType<typeof httpsRequest>,
  body: Uint8Array,
  onSent: HttpRequest['onSent'],
  fromByte = 0,
): void {
  if (fromByte >= body.length) {
    outgoing.end();
    return;
  }
  const piece = body.subarray(fromByte, fromByte + PIECE_BYTES);
  // Called once the piece has left this process, so that progress is not that of a buffer.
  outgoing.write(piece, (error) => {
    if (error != null) return;
    onSent?.(piece.length);
    sendPieces(outgoing, body, onSent, fromByte + piece.length);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    // A response stream without an encoding gives buffers.
    const bytes = chunk as Buffer;
    sizeBytes += bytes.length;
    if (sizeBytes > MOST_ANSWER_BYTES) throw new FailedError(`the answer is over ${MOST_ANSWER_BYTES} bytes`);
    chunks.push(bytes);
  }
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') };
}

function explain(error: unknown, url: URL, untrusted: boolean): Error {
  if (error instanceof FailedError) return error;
  const code = errorCode(error) ?? '';
  // Where a name has several addresses, Node's error for all of them has a code but no message.
  const said = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  const message = said === '' ? code : said;
  if (untrusted) {
    return new UntrustedServerError(`${url.host} cannot prove who it is: ${message}`, { cause: error });
  }
  if (/ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/.test(code)) {
    return new UnreachableError(`${url.host} asks for the certificate of a device: it is not the API`, {
      cause: error,
      mayHaveHappened: false,
      advice: 'Devices and the API have ports of their own; npm start prints both (the API: 8443).',
    });
  }
  const mayHaveHappened = !NOT_SENT.has(code);
  return new UnreachableError(`cannot reach ${url.host}: ${message}`, { cause: error, mayHaveHappened });
}

/** Whether the peer's certificate was refused: TLS sockets keep the reason, whichever of OpenSSL's many it is. */
function isUntrusted(socket: Socket | null): boolean {
  return socket instanceof TLSSocket && Boolean(socket.authorizationError);
}
