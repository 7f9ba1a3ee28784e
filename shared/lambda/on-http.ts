import type { Bound } from '#shared/capabilities/needs.ts';
import { type Route, roleAllows, rolesThatMay } from '#shared/contracts/api/route.ts';
import { ForbiddenError, RefusedError } from '#shared/errors/errors.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import { toErrorAnswer } from '#shared/errors/http-status.ts';
import { parseOrRefuse } from '#shared/errors/refusal-of.ts';
import type { Call } from './call.ts';
import { type Caller, callerOf } from './caller.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';
import { readJson, refuseIllFormed } from './read-json.ts';

export type { Caller } from './caller.ts';

/** What API Gateway's HTTP API (payload format 2.0) hands to a function: the parts that are read. */
export interface HttpEvent {
  readonly rawPath: string;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly requestId?: string;
    readonly authorizer?: { readonly jwt?: { readonly claims?: unknown } };
  };
}

/** What API Gateway takes back. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that has been read, checked and authorized. */
export interface HttpRequest<Path, Query, Body> {
  readonly caller: Caller;
  readonly params: Path;
  readonly query: Query;
  readonly body: Body;
}

/** A request body is at most 256 KB; firmware goes straight to the bucket. */
const MAX_BODY_BYTES = 262_144;

/** A function behind one route of the HTTP API: answers what `steps` return, or an error from the one table of errors. */
export function onHttp<Path, Query, Body, Answer, N extends Needs>(
  route: Route<Path, Query, Body, Answer>,
  needs: N,
  steps: (request: HttpRequest<Path, Query, Body>, needs: Bound<N>, call: Call) => Promise<Answer>,
): LambdaFunction<HttpEvent, HttpResponse> {
  return lambdaFunction(
    { kind: 'http', contract: route, correlationIdOf: ({ requestContext }) => requestContext.requestId },
    needs,
    async (event: HttpEvent, bound, call) => {
      try {
        return respond(route.status, await steps(readRequest(event, route), bound, call));
      } catch (error) {
        const { status, body } = toErrorAnswer(error);
        if (status >= 500) {
          call.log.error('request failed', faultOf(error));
          call.count('HttpRequestFailed');
        }
        return respond(status, body);
      }
    },
  );
}

function readRequest<Path, Query, Body, Answer>(
  event: HttpEvent,
  route: Route<Path, Query, Body, Answer>,
): HttpRequest<Path, Query, Body> {
  const caller = callerOf(event.requestContext.authorizer?.jwt?.claims);
  if (!roleAllows(caller.role, route.role)) {
    throw new ForbiddenError('role', `must be ${rolesThatMay(route.role)}, but is ${caller.role}`);
  }
  const request = {
    caller,
    params: parseOrRefuse(route.params, decoded(event.pathParameters ?? {}), 'path'),
    query: parseOrRefuse(route.query, event.queryStringParameters ?? {}, 'query'),
    body: parseOrRefuse(route.body, readBody(event), 'body'),
  };
  refuseIllFormed(request.body, 'body');
  return request;
}

/** API Gateway hands parameters over decoded, the host does not; a name of ours holds no `%`, so that twice is as good as once. */
function decoded(params: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, decodeSegment(name, value ?? '')]),
  );
}

function decodeSegment(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new RefusedError(name, 'must be percent-encoded UTF-8');
  }
}

function readBody({ body, isBase64Encoded }: HttpEvent): unknown {
  if (body === undefined || body === '') return undefined;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES)
    throw new RefusedError('body', `must be at most ${MAX_BODY_BYTES} bytes`);
  return readJson(bytes, 'body');
}

function respond(statusCode: number, body: unknown): HttpResponse {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) };
}
