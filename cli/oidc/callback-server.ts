import { createServer, type Server } from 'node:http';
import { portOf } from '#shared/program/port-of.ts';
import type { World } from '#shared/world/world.ts';
import { FailedError } from '../errors.ts';
import { hasCode } from '../files.ts';

/** Ports of the redirect, in the order in which they are tried; the issuer must know all of them (authorizer.yml). */
export const CALLBACK_PORTS: readonly number[] = [8252, 8253, 8254];
const CALLBACK_PATH = '/callback';
/** Somebody looks for a password, a phone, a mail. */
const PATIENCE_MS = 10 * 60_000;
const PAGE_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  connection: 'close',
};

/** A server on this machine that a browser is sent back to (RFC 8252, 7.3). */
export interface Callback {
  readonly redirectUri: string;
  /** The code of the login whose `state` this is. Throws `FailedError` for a refusal, for silence, and once `signal` aborts. */
  code(state: string, signal: AbortSignal): Promise<string>;
  close(): void;
}

/** Listens on loopback, on the first port that is free. Throws `FailedError` where none is. */
export async function listenForCallback(world: World, ports = CALLBACK_PORTS): Promise<Callback> {
  const server = createServer();
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  const port = await firstFree(server, ports);
  return {
    redirectUri: `http://localhost:${port}${CALLBACK_PATH}`,
    code: (state, signal) => untilSentBack(server, { world, state, signal }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function firstFree(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    if (await listens(server, port)) return portOf(server);
  }
  throw new FailedError(
    `the ports ${ports.join(', ')} of this machine are all in use`,
    'End one of their programs, then log in again.',
  );
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown) =>
      hasCode(error, 'EADDRINUSE', 'EACCES') ? resolve(false) : reject(error);
    server.once('error', onError);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', onError);
      resolve(true);
    });
  });
}

function untilSentBack(
  server: Server,
  { world, state, signal }: { readonly world: World; readonly state: string; readonly signal: AbortSignal },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const give = (why: string) => reject(new FailedError(why));
  const cancel = world.after(PATIENCE_MS, () => give('nobody logged in within ten minutes'));
  const onAbort = () => give('the login was stopped');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  server.on('request', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    // Anybody on this machine, and any page in the browser, can send a request here: only our own login's counts.
    if (request.method !== 'GET' || pathname !== CALLBACK_PATH || searchParams.get('state') !== state)
      return void response.writeHead(404, PAGE_HEADERS).end('This is not the login that is going on.\n');
    const code = searchParams.get('code');
    const refusal = searchParams.get('error_description') ?? searchParams.get('error');
    const word =
      code === null ? 'The login failed: see the terminal.\n' : 'Logged in: this page can be closed.\n';
    response.writeHead(code === null ? 400 : 200, PAGE_HEADERS).end(word, () => {
      if (code === null) give(`the login was refused: ${refusal ?? 'without a reason'}`);
      else resolve(code);
    });
  });
  return promise.finally(() => {
    cancel();
    signal.removeEventListener('abort', onAbort);
  });
}
