import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOn } from '#host/listen-on.ts';
import { EXPOSITION_TYPE, exposition, type Family } from './exposition.ts';

const MOST_CONNECTIONS = 16;
const HEADERS_TIMEOUT_MS = 5_000;
/** Under another name a page in a browser of this machine might ask (DNS rebinding). */
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Answers `GET /metrics`, without token and TLS: for an address that only this machine has. */
export class MetricsDoor {
  readonly #server: Server;
  readonly #read: () => Promise<readonly Family[]>;
  readonly #onFault: (error: unknown) => void;

  /** `read` is asked for each answer; what it throws is told to `onFault` and answered with 500. */
  constructor(read: () => Promise<readonly Family[]>, onFault: (error: unknown) => void) {
    this.#read = read;
    this.#onFault = onFault;
    this.#server = createServer(
      { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: HEADERS_TIMEOUT_MS },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** Takes the port (0: any that is free) and answers which one it is. Throws what the system says when it cannot be had. */
  listen(address: string, port: number): Promise<number> {
    return listenOn(this.#server, address, port, this.#onFault);
  }

  /** Answers nobody any more. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve({ headers, method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!OWN_NAME.test(headers.host ?? '')) return say(response, 421, 'ask for localhost or 127.0.0.1\n');
    if (url !== '/metrics') return say(response, 404, 'what there is: /metrics\n');
    if (method !== 'GET') return say(response, 405, 'must be GET\n');
    try {
      const text = exposition(await this.#read());
      response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(text);
    } catch (error) {
      this.#onFault(error);
      say(response, 500, 'could not be read; the log says why\n');
    }
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
