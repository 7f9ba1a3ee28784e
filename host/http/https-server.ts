import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AccessTokens, HeldToken } from '#host/access/access-tokens.ts';
import type { HttpHandler } from '#host/bucket/bucket-http.ts';
import type { ServerCredentials } from '#host/identity/server-certificate.ts';
import { listenOn } from '#host/listen-on.ts';
import { Newcomers } from '#host/newcomers.ts';
import { type ApiResponse, errorResponse, type HttpApi } from '#host/runtime/triggers/http-api.ts';
import { TOKEN_ENDS } from '#shared/contracts/token-ends.ts';
import { NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { CallerTurns } from './caller-turns.ts';
import { Handshakes } from './handshakes.ts';
import { InTurn } from './in-turn.ts';
import { discardRest, readBody } from './read-body.ts';
import { Transfers } from './transfers.ts';

/** What is served, once the host is ready. */
export interface HttpDoors {
  readonly api: HttpApi;
  readonly tokens: AccessTokens;
  /** Serves `/bucket/`; answers `false` for what is not its own. */
  readonly bucket: HttpHandler;
}

/** What the server works with. */
export interface HttpsServerParts {
  readonly credentials: ServerCredentials;
  /** Connections at the same time; one more has one cut off that has no request in service. */
  readonly mostConnections: number;
  readonly world: Pick<World, 'monotonicMs'>;
  /** Hears of every fault that is not a client's. */
  readonly onFault: (error: unknown) => void;
  /** Hears from which address a connection came that there was no room for, and the rule that it fell under. */
  readonly onNoRoom: (address: string, rule: string) => void;
}

/** Time for a client to send headers, and to send a whole API request; an upload has its own idle bound. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often it is looked who takes longer for the headers. */
const LOOK_EVERY_MS = 5_000;
const BODY_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 30_000;
/** Uploads and downloads take at most this share of the connections, so that people get through to a rollout while a fleet downloads. */
const SHARE_OF_TRANSFERS = 3 / 4;

const STARTING: ApiResponse = {
  statusCode: 503,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"error":{"code":"starting","message":"try again in a second"}}',
};

/**
 * The one HTTPS server of the host: API routes, `/bucket/` and `/health`. It takes its port before the host is ready, because
 * URLs name the port, and answers 503 until `open`.
 */
export class HttpsServer {
  readonly #server: Server;
  readonly #onFault: (error: unknown) => void;
  readonly #newcomers: Newcomers;
  readonly #inTurn = new InTurn();
  readonly #callerTurns = new CallerTurns();
  readonly #transfers: Transfers;
  #doors: HttpDoors | undefined;

  constructor({ credentials, mostConnections, world, onFault, onNoRoom }: HttpsServerParts) {
    this.#onFault = onFault;
    const most = Math.floor(mostConnections * SHARE_OF_TRANSFERS);
    this.#transfers = new Transfers({ most, world, onNoRoom });
    this.#server = createServer(
      {
        ...credentials,
        minVersion: 'TLSv1.2',
        handshakeTimeout: HEADERS_TIMEOUT_MS,
        maxHeaderSize: 16_384,
        headersTimeout: HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: LOOK_EVERY_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // Uploads take as long as they move; `readBody` has a bound of its own for API requests.
        requestTimeout: 0,
        // Nothing is read before the handshake has its turn.
        pauseOnConnect: true,
      },
      (request, response) => this.#inTurn.next(request.socket, () => this.#serve(request, response)),
    );
    // Whoever listens for the bytes makes Node hand them on as a stream, which can be paused. Its short cut from TLS to the parser goes on
    // with what has been decrypted when many answers wait to be sent, and takes the pause of the parser for a malformed request. It
    // begins as its connection did, paused.
    this.#server.on('secureConnection', (socket: TLSSocket) => socket.on('data', () => undefined).resume());
    takeTurns(this.#server, (socket) => this.#newcomers.movesOn(socket));
    this.#newcomers = new Newcomers(this.#server, mostConnections, (address) =>
      onNoRoom(address, 'a connection without a request must make room for another'),
    );
  }

  /** Takes the port (0: any that is free) and answers which one it is. */
  listen(host: string, port: number): Promise<number> {
    return listenOn(this.#server, host, port, this.#onFault);
  }

  /** New connections get this certificate from now on. */
  present(credentials: ServerCredentials): void {
    this.#server.setSecureContext({ ...credentials, minVersion: 'TLSv1.2' });
  }

  /** From now on requests are served. */
  open(doors: HttpDoors): void {
    this.#doors = doors;
  }

  /** Takes no more requests, waits for those that run, but no longer than `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const late = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(late);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const doors = this.#doors;
    const { socket } = request;
    const onLetIn = () => this.#newcomers.letIn(socket);
    const onTransfer = () => {
      this.#transfers.begin(request, response);
      onLetIn();
    };
    response.once('close', () => this.#newcomers.waitsAgain(socket));
    try {
      if (doors === undefined) respond(response, STARTING);
      else if (request.url === '/health') respond(response, { statusCode: 200, headers: {}, body: 'ok\n' });
      else if (!(await doors.bucket(request, response, onTransfer)))
        respond(response, await answerApi(request, doors, this.#callerTurns, onLetIn));
    } catch (error) {
      if (!(error instanceof RefusedError)) this.#onFault(error);
      respond(response, errorResponse(error));
    }
    discardRest(request);
  }
}

/** What the server does by itself with a connection is to begin the handshake: that waits for its turn, of which `onTurn` hears. */
function takeTurns(server: Server, onTurn: (socket: Socket) => void): void {
  const begin = server.listeners('connection');
  server.removeAllListeners('connection');
  const handshakes = new Handshakes((socket) => {
    onTurn(socket);
    for (const listener of begin) listener.call(server, socket);
  });
  server.on('connection', (socket: Socket) => handshakes.waits(socket));
}

async function answerApi(
  request: IncomingMessage,
  doors: HttpDoors,
  turns: CallerTurns,
  onLetIn: () => void,
): Promise<ApiResponse> {
  const { authorization } = request.headers;
  // Unknown paths are answered without a look at the token or the body, and known ones not without.
  if (!doors.api.knows(pathOf(request)))
    return errorResponse(new NotFoundError('path', 'must be a route of this API'));
  const shown = await doors.tokens.authenticate(authorization);
  return turns.next(`${shown.tenant} ${shown.sub}`, async (hasWaited) => {
    // It may have been taken back while this waited.
    const held = hasWaited ? await doors.tokens.authenticate(authorization) : shown;
    if (request.destroyed) throw new RefusedError('body', 'must come whole');
    // Not after its body, which may take its time, and not before its turn: whoever waits is as good as any newcomer.
    onLetIn();
    return answerHeld(request, doors.api, held);
  });
}

async function answerHeld(request: IncomingMessage, api: HttpApi, held: HeldToken): Promise<ApiResponse> {
  const { method = '', url = '' } = request;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')]),
  );
  request.setTimeout(BODY_TIMEOUT_MS, () => request.destroy());
  const body = await readBody(request, BODY_TIMEOUT_MS);
  const path = pathOf(request);
  const rawQuery = url.slice(path.length + 1);
  const sourceIp = request.socket.remoteAddress ?? '';
  const { span, ...claims } = held;
  const answer = await api.handle({
    method,
    path,
    rawQuery,
    headers,
    body,
    sourceIp,
    claims,
  });
  if (span === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, [TOKEN_ENDS]: new Date(span.toMs).toISOString() } };
}

/** What stands before the query, percent-encoded. */
function pathOf({ url = '' }: IncomingMessage): string {
  const queryAt = url.indexOf('?');
  return queryAt < 0 ? url : url.slice(0, queryAt);
}

function respond(response: ServerResponse, { statusCode, headers, body }: ApiResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
