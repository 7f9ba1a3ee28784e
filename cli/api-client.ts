import { Agent } from 'node:https';
import * as z from 'zod';
import type { Route } from '#shared/contracts/api/route.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { TOKEN_ENDS, tokenEndOf } from '#shared/contracts/token-ends.ts';
import { parseOrRefuse } from '#shared/errors/refusal-of.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import { pause, type World } from '#shared/world/world.ts';
import { ApiError, UnreachableError } from './errors.ts';
import { exchange, type HttpAnswer } from './http-exchange.ts';

/** Where an API is and who calls it. */
export interface ApiAccess {
  /** `https://host:port`, without a path. */
  readonly url: string;
  /** The token, or what gets one that is valid now. */
  readonly token: string | (() => Promise<string>);
  /** Authority that the server's certificate is signed by (PEM); those of this machine unless given. */
  readonly caPem?: string | undefined;
}

/** What a route takes; what it does not take may be left out, as may query parameters with a default. */
export type CallInput<Path, Query, Body> = (Path extends Record<string, never>
  ? { readonly params?: Path }
  : { readonly params: Path }) & { readonly query?: Partial<Query> } & (Body extends undefined
    ? { readonly body?: undefined }
    : { readonly body: Body });

/** How one call goes. */
export interface CallOptions {
  /** A repeat does no harm: try again when the answer was lost. Reads, PUT and DELETE are so without saying. */
  readonly idempotent?: boolean;
}

/** How long a client goes on asking a backend that is being started again. */
export interface Patience {
  readonly forMs: number;
  /** Hears once of every time that the backend is waited for. */
  readonly onWait: (error: UnreachableError | ApiError) => void;
}

const REQUEST_TIMEOUT_MS = 30_000;
const MOST_TRIES = 4;
/** As many calls of one client as are on their way at a time. */
export const MOST_CONNECTIONS = 8;
const BACKOFF = { firstMs: 200, longestMs: 2_000 };
/** Codes by which the API says that it did nothing and the same call may be tried again. */
export const NOTHING_DONE: ReadonlySet<string> = new Set(['starting', 'throttled', 'conflict']);
/** Answers of a gateway in front of the API: whether it was reached is not known. */
const GATEWAY_FAILED = new Set([502, 503, 504]);

const ErrorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    field: z.string().optional(),
    rule: z.string().optional(),
  }),
});

/** Calls the HTTP API by its contracts: what goes out and what comes back is checked against the route. */
export class ApiClient {
  readonly access: ApiAccess;
  readonly world: World;
  readonly #agent: Agent;
  readonly #tries: number;
  readonly #patience: Patience | undefined;
  /** Whether the backend has ever answered: one that never did is not being started again, its address is wrong. */
  #isKnown = false;
  #isWaiting = false;
  #tokenEndsAtMs: number | undefined;

  /**
   * Throws `RefusedError` for an address that is not HTTPS. Without `patience` a call fails after a few tries within two seconds.
   * `shared` is for `tryingOnce`.
   */
  constructor(
    access: ApiAccess,
    world: World,
    options: {
      readonly patience?: Patience | undefined;
      readonly shared?: { readonly agent: Agent; readonly tries: number };
    } = {},
  ) {
    const { patience, shared } = options;
    this.access = { ...access, url: parseOrRefuse(HttpsOrigin, access.url, 'url') };
    this.world = world;
    this.#patience = patience;
    this.#agent = shared?.agent ?? new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
    this.#tries = shared?.tries ?? MOST_TRIES;
  }

  /** A client over the same connections that tries each call once: for who tries again with a patience of its own. */
  tryingOnce(): ApiClient {
    return new ApiClient(this.access, this.world, { shared: { agent: this.#agent, tries: 1 } });
  }

  /**
   * Whether another try is worth its wait after `error`, the first having failed at `sinceMs` on the monotonic clock: the backend is
   * being started again, and the client has the patience, which it tells of.
   */
  isWorthWaiting(error: unknown, sinceMs: number): boolean {
    if (this.#patience === undefined) return false;
    const isStarting = error instanceof ApiError && error.code === 'starting';
    const isGone = error instanceof UnreachableError && this.#isKnown;
    if (!isStarting && !isGone) return false;
    if (this.world.monotonicMs() - sinceMs >= this.#patience.forMs) return false;
    if (!this.#isWaiting) this.#patience.onWait(error);
    this.#isWaiting = true;
    return true;
  }

  /**
   * Calls one route. Throws `RefusedError` for input that the contract refuses (nothing is sent), `ApiError` for what the API
   * refused, `UnreachableError` and `UntrustedServerError`.
   */
  async call<Path, Query, Body, Answer>(
    route: Route<Path, Query, Body, Answer>,
    input: CallInput<Path, Query, Body>,
    options: CallOptions = {},
  ): Promise<Answer> {
    const params = parseOrRefuse(route.params, input.params ?? {}, 'path');
    const query = parseOrRefuse(route.query, input.query ?? {}, 'query');
    const body = parseOrRefuse(route.body, input.body, 'body');
    const url = new URL(this.access.url + pathOf(route.path, params) + queryOf(query));
    const answer = await this.#send(route.method, url, body, options.idempotent ?? route.method !== 'POST');
    return readBody(answer, route);
  }

  /** When the token ends by which the last answer was given, milliseconds since 1970; `undefined` where the backend does not say. */
  get tokenEndsAtMs(): number | undefined {
    return this.#tokenEndsAtMs;
  }

  /** Closes idle connections; a call after that opens new ones. */
  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, url: URL, body: unknown, idempotent: boolean): Promise<HttpAnswer> {
    const { token: held, caPem } = this.access;
    const token = typeof held === 'string' ? held : await held();
    const request = {
      method,
      url,
      caPem,
      timeoutMs: REQUEST_TIMEOUT_MS,
      // A kept connection may have been closed by the server just now, and then nobody knows whether a write arrived.
      agent: idempotent ? this.#agent : undefined,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    };
    let sinceMs: number | undefined;
    for (let tries = 1; ; tries++) {
      try {
        const answer = await exchange(request, this.world);
        if (answer.status < 400) {
          this.#isKnown = true;
          this.#isWaiting = false;
          this.#tokenEndsAtMs = tokenEndOf(answer.headers[TOKEN_ENDS]);
          return answer;
        }
        throw errorOf(answer);
      } catch (error) {
        if (!mayRepeat(error, idempotent)) throw error;
        sinceMs ??= this.world.monotonicMs();
        if (tries >= this.#tries && !this.isWorthWaiting(error, sinceMs)) throw error;
      }
      await pause(this.world, backoffMs(tries - 1, BACKOFF, this.world));
    }
  }
}

const HttpsOrigin = z
  .string()
  .max(2048)
  .refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:', 'must begin with https://')
  .transform((text) => new URL(text).origin);

function mayRepeat(error: unknown, idempotent: boolean): boolean {
  if (error instanceof UnreachableError) return idempotent || !error.mayHaveHappened;
  if (!(error instanceof ApiError)) return false;
  return NOTHING_DONE.has(error.code) || (idempotent && GATEWAY_FAILED.has(error.status));
}

function pathOf(template: string, params: unknown): string {
  const values = new Map(Object.entries(params ?? {}));
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values.get(name) ?? '')),
  );
}

function queryOf(query: unknown): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

function readBody<Path, Query, Body, Answer>(
  { status, text }: HttpAnswer,
  route: Route<Path, Query, Body, Answer>,
): Answer {
  const read = route.answer.safeParse(parseJson(text));
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join('.') ?? '';
  const message = `${route.method} ${route.path} answered what its contract does not know${where && ` (${where})`}`;
  throw new ApiError(status, { code: 'unexpected-answer', message });
}

/** What API Gateway answers before any function of ours is asked, `{"message":"Unauthorized"}` and the like, by the codes that we have for it. */
const CODE_OF_GATEWAY: ReadonlyMap<number, string> = new Map([
  [401, 'unauthenticated'],
  [429, 'throttled'],
]);

/** The error that an answer tells of, from the API, the gateway in front of it or the bucket. */
export function errorOf({ status, text }: HttpAnswer): ApiError {
  const read = ErrorBody.safeParse(parseJson(text));
  if (read.success) return new ApiError(status, read.data.error);
  const code = CODE_OF_GATEWAY.get(status) ?? 'unexpected-answer';
  return new ApiError(status, { code, message: `the server answered ${status}` });
}
