import { isUtf8 } from 'node:buffer';
import { type PathTemplates, PathTemplates as Templates } from '#host/http/path-templates.ts';
import { NotFoundError, UnauthenticatedError } from '#shared/errors/errors.ts';
import { toErrorAnswer } from '#shared/errors/http-status.ts';
import type { World } from '#shared/world/world.ts';
import type { Invocable } from '../invocable.ts';
import type { RequestIds } from '../request-ids.ts';

/** A request as it came in, read but not understood; header names in lower case. */
export interface ApiRequest {
  readonly method: string;
  /** Path without the query, percent-encoded. */
  readonly path: string;
  /** What stands after `?`; empty when there is none. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly sourceIp: string;
  /** What the authorizer vouches for; nothing else is trusted. Absent: the caller is unknown. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** What a function answers to a request (payload format 2.0). */
export interface ApiResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The HTTP API: its routes, and the functions behind them. Nobody gets to a function without claims. */
export class HttpApi {
  readonly #templates: PathTemplates<Invocable> = new Templates();
  readonly #world: Pick<World, 'now'>;
  readonly #requestIds: RequestIds;
  readonly #committed: () => Promise<void>;
  readonly #onFault: (error: unknown) => void;

  constructor(parts: {
    readonly world: Pick<World, 'now'>;
    readonly requestIds: RequestIds;
    /** Resolves once everything that the answer may tell of is on disk. */
    readonly committed: () => Promise<void>;
    readonly onFault: (error: unknown) => void;
  }) {
    this.#world = parts.world;
    this.#requestIds = parts.requestIds;
    this.#committed = parts.committed;
    this.#onFault = parts.onFault;
  }

  /** Throws `ConfigurationError` for a route that cannot be served. */
  add(method: string, path: string, pool: Invocable): void {
    this.#templates.add(method, path, pool);
  }

  /** Whether there is anything at that path, for any method. */
  knows(path: string): boolean {
    return this.#templates.match('', path).found !== 'nothing';
  }

  /** Answers a request; what goes wrong is an answer as well. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    const match = this.#templates.match(request.method, request.path);
    if (match.found === 'nothing')
      return errorResponse(new NotFoundError('path', 'must be a route of this API'));
    if (match.found === 'other-methods') return wrongMethod(match.methods);
    if (request.claims === undefined)
      return errorResponse(new UnauthenticatedError('must be a known caller'));
    try {
      const answer = await match.target.invoke(this.#eventOf(request, match));
      await this.#committed();
      return responseOf(answer);
    } catch (error) {
      this.#onFault(error);
      return errorResponse(error);
    }
  }

  /** Payload format 2.0 of API Gateway's HTTP API. */
  #eventOf(request: ApiRequest, match: { routeKey: string; params: Record<string, string> }): unknown {
    const { method, path, rawQuery, headers, body, sourceIp, claims } = request;
    const query = queryOf(rawQuery);
    const nowMs = this.#world.now();
    return {
      version: '2.0',
      routeKey: match.routeKey,
      rawPath: path,
      rawQueryString: rawQuery,
      headers,
      ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
      ...(Object.keys(match.params).length > 0 && { pathParameters: match.params }),
      requestContext: {
        accountId: 'home',
        apiId: 'home',
        authorizer: { jwt: { claims, scopes: null } },
        http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
        requestId: this.#requestIds.next(),
        routeKey: match.routeKey,
        stage: '$default',
        time: new Date(nowMs).toISOString(),
        timeEpoch: nowMs,
      },
      ...bodyOf(body),
    };
  }
}

/** The answer for an error, in the shape that every function answers. */
export function errorResponse(error: unknown): ApiResponse {
  const { status, body } = toErrorAnswer(error);
  return json(status, body);
}

/** What is no text goes on as the bytes that came: read as text it would be another than was sent, and nobody could refuse it. */
function bodyOf(body: Uint8Array | undefined): {
  readonly body?: string;
  readonly isBase64Encoded: boolean;
} {
  if (body === undefined) return { isBase64Encoded: false };
  const isBase64Encoded = !isUtf8(body);
  return { body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

function wrongMethod(methods: readonly string[]): ApiResponse {
  const rule = `must be ${methods.join(' or ')}`;
  const error = { code: 'wrong-method', message: `method: ${rule}`, field: 'method', rule };
  const answer = json(405, { error });
  return { ...answer, headers: { ...answer.headers, allow: methods.join(', ') } };
}

function json(statusCode: number, body: unknown): ApiResponse {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Repeated parameters are joined with commas, as API Gateway does. */
function queryOf(rawQuery: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const before = query[name];
    query[name] = before === undefined ? value : `${before},${value}`;
  }
  return { ...query };
}

/** What the function answered; API Gateway makes a 500 of anything that is not a response. */
function responseOf(answer: unknown): ApiResponse {
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    throw new TypeError('a function behind HTTP must answer statusCode, headers and body');
  }
  // `onHttp` makes these, and nothing else is behind a route; what is left out is empty.
  const { statusCode, headers, body } = answer as Partial<ApiResponse>;
  return { statusCode: Number(statusCode), headers: headers ?? {}, body: body ?? '' };
}
