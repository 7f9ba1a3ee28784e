import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { portOf } from '#shared/program/port-of.ts';
import { seeErrorsOfNode } from './errors-of-node.ts';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The connection ends after the first byte of the body. */
  readonly isCutShort?: boolean;
}

/** What comes back: an answer, nothing for as long as the client waits, or the end of the connection. */
export type WireReply = WireAnswer | 'silence' | 'cut';

/** What becomes of one request. */
export type Handling = (asked: WireRequest) => WireReply | Promise<WireReply>;

/**
 * A server on the loopback that stands between an SDK client and an AWS service, or for the service: it keeps every request
 * and handles it as it was told to, in order; whatever it was not told about goes to `otherwise`.
 */
export class Wire {
  readonly requests: WireRequest[] = [];
  readonly #otherwise: Handling;
  readonly #next: Handling[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #open = new Set<Socket>();
  readonly #purged = new WeakSet<Socket>();
  readonly #server: Server;

  private constructor(otherwise: Handling) {
    this.#otherwise = otherwise;
    this.#server = createServer((incoming, response) => void this.#serve(incoming, response));
    this.#server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  static async open(otherwise: Handling = refuseUnscripted): Promise<Wire> {
    seeErrorsOfNode();
    const wire = new Wire(otherwise);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  /** `http://127.0.0.1:<port>`. */
  get endpoint(): string {
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  /** Says what becomes of the next requests. */
  next(...handlings: readonly Handling[]): void {
    this.#next.push(...handlings);
  }

  /** All connections of now are gone, and who has them does not know yet: what comes on one ends it, and is not read. */
  purge(): void {
    for (const socket of this.#open) this.#purged.add(socket);
  }

  /** Resolves once so many requests have come in. */
  async asked(count: number): Promise<void> {
    while (this.requests.length < count) await once(this.#arrivals, 'asked');
  }

  /** The only request so far; throws when there were none or several. */
  only(): WireRequest {
    const [first, ...more] = this.requests;
    if (first === undefined || more.length > 0) throw new Error(`${this.requests.length} requests, not one`);
    return first;
  }

  /** Ends, and with it every connection. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#purged.has(incoming.socket)) {
      response.destroy();
      return;
    }
    const { method = '', url = '' } = incoming;
    const asked = { method, path: url, headers: textHeaders(incoming), body: await bodyOf(incoming) };
    this.requests.push(asked);
    this.#arrivals.emit('asked');
    const reply = await (this.#next.shift() ?? this.#otherwise)(asked);
    if (reply === 'silence') return;
    if (reply === 'cut') {
      response.destroy();
      return;
    }
    // The answer to a HEAD has the length of a body that does not come.
    response.writeHead(reply.status, { 'content-length': reply.body.byteLength, ...reply.headers });
    if (reply.isCutShort) response.write(reply.body.subarray(0, 1), () => response.destroy());
    else response.end(reply.body);
  }
}

/** An answer with a JSON body, as AWS's JSON protocols have it. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}) {
  return answer(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

/** An answer with that body. */
export function answer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): WireAnswer {
  return { status, headers, body: Buffer.from(body) };
}

/** Hands a request to the service at `endpoint` and its answer back, both as they are. */
export function passTo(endpoint: string): (asked: WireRequest) => Promise<WireAnswer> {
  return async ({ method, path, headers, body }) => {
    // Its length is that of the body that is handed on, which a test may have changed.
    const { 'content-length': _length, ...kept } = headers;
    const outgoing = request(`${endpoint}${path}`, { method, headers: kept });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const { statusCode: status = 0 } = incoming;
    const { 'transfer-encoding': _chunked, ...answered } = textHeaders(incoming);
    return { status, headers: answered, body: await bodyOf(incoming) };
  };
}

/** `service` of the signature (SigV4): `<region>/<service>`. */
export function scopeOf({ headers }: WireRequest): string {
  const [, scope] = /Credential=[^/]+\/\d{8}\/(.+?)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  return scope ?? 'unsigned';
}

function refuseUnscripted({ method, path }: WireRequest): WireReply {
  return json(400, {
    __type: 'UnscriptedException',
    message: `nobody said what becomes of ${method} ${path}`,
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function textHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
}
