import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import path from 'node:path';
import type { ServedHost } from '#host/testing/served-host.ts';
import { portOf } from '#shared/program/port-of.ts';

/** A request on its way to the host. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** What a server proves with who it is, PEM. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** What happens to a request instead of being served. */
export type Fault =
  /** The connection ends before the host sees the request. */
  | { readonly kind: 'lose-request' }
  /** The host serves it, and the connection ends before its answer. */
  | { readonly kind: 'lose-answer' }
  /** Answered by the proxy; the host sees nothing. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** The host's answer, changed. */
  | { readonly kind: 'change-answer'; readonly change: (body: string) => string }
  /** The host gets another body of the same length. */
  | { readonly kind: 'change-body'; readonly change: (body: Buffer) => Buffer };

/** An HTTPS server with the certificate of a host that stands in front of it and does what a bad network does. */
export class FaultyProxy {
  readonly url: string;
  /** Every request that came. */
  readonly seen: Passing[] = [];
  /** Decides on each request; all pass unless set. */
  fault: (request: Passing) => Fault | undefined = () => undefined;
  readonly close: () => Promise<void>;

  /** For `startFaultyProxy`. */
  constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  /** How many requests went to paths that match. */
  count(method: string, pattern: RegExp): number {
    return this.seen.filter((one) => one.method === method && pattern.test(one.path)).length;
  }
}

/** Stands in front of `host`, with its certificate unless told; the addresses that the host gives out lead through it too. */
export async function startFaultyProxy(host: ServedHost, credentials?: Credentials): Promise<FaultyProxy> {
  const { cert, key } = credentials ?? (await credentialsOf(host));
  const ca = await readFile(host.serving.file.authority, 'utf8');
  const server = createServer({ cert, key }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  const url = `https://localhost:${port}`;
  const proxy = new FaultyProxy(url, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const passing = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    proxy.seen.push(passing);
    const fault = proxy.fault(passing);
    if (fault?.kind === 'lose-request') return void request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (fault?.kind === 'answer') return void response.writeHead(fault.status).end(fault.body);
    const whole = Buffer.concat(chunks);
    const body = fault?.kind === 'change-body' ? fault.change(whole) : whole;
    const { httpPort } = host.serving.file;
    const answer = await forward(passing, body, { port: httpPort, ca });
    if (fault?.kind === 'lose-answer') return void request.socket.destroy();
    const text = answer.text.replaceAll(`https://localhost:${httpPort}`, url);
    const changed = fault?.kind === 'change-answer' ? fault.change(text) : text;
    response.writeHead(answer.status, answer.etag === undefined ? {} : { etag: answer.etag }).end(changed);
  }
  return proxy;
}

async function credentialsOf(host: ServedHost): Promise<Credentials> {
  const read = (name: string) => readFile(path.join(host.directory, 'authority', name), 'utf8');
  return { cert: await read('server.pem'), key: await read('server.key.pem') };
}

function forward(
  { method, path: target, headers }: Passing,
  body: Buffer,
  to: { readonly port: number; readonly ca: string },
): Promise<{ status: number; text: string; etag: string | undefined }> {
  return new Promise((resolve, reject) => {
    const { 'transfer-encoding': _, ...kept } = headers;
    const outgoing = httpsRequest({
      ...to,
      host: 'localhost',
      method,
      path: target,
      headers: kept,
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, etag: response.headers.etag }),
      );
      response.on('error', reject);
    });
    outgoing.end(body);
  });
}
