import { EventEmitter, on, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { lastingPort } from '#shared/program/testing/lasting-port.ts';

/** A request as the receiver got it. */
export interface Received {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The notification: `text` as an object. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a request is answered: a status or anything else; `undefined`: it is never answered. */
export type Answering = (received: Received) => number | ((response: ServerResponse) => void) | undefined;

/** A webhook's receiver on loopback, whose answers a test decides. */
export class WebhookReceiver {
  readonly all: Received[] = [];
  answer: Answering = () => 204;
  readonly #heard = new EventEmitter();
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook/s3cret`;
  }

  /** Listens; after `close` on the same port as before. */
  async listen(): Promise<void> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      this.#take({ headers: request.headers, text, body: JSON.parse(text) }, response);
    });
    if (this.#port === 0) this.#port = await lastingPort();
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
  }

  /** Takes no connections any more and cuts off those that are there. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Resolves with what was received once it `isEnough`. */
  async until(isEnough: (all: readonly Received[]) => boolean): Promise<readonly Received[]> {
    const heard = on(this.#heard, 'received');
    while (!isEnough(this.all)) await heard.next();
    await heard.return?.();
    return this.all;
  }

  #take(received: Received, response: ServerResponse): void {
    this.all.push(received);
    const answer = this.answer(received);
    if (typeof answer === 'number') response.writeHead(answer).end();
    else answer?.(response);
    this.#heard.emit('received');
  }
}
