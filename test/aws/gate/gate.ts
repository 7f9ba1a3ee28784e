import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { ServerCredentials } from '#host/identity/server-certificate.ts';
import { portOf } from '#shared/program/port-of.ts';
import type { World } from '#shared/world/world.ts';
import type { AwsAnswer, AwsRequest, AwsService } from './aws-request.ts';
import type { Callers } from './caller.ts';
import { signatureFault, signedBy } from './signature.ts';

/** Who may call, and what stands behind the gate. */
export interface GateParts {
  readonly credentials: ServerCredentials;
  readonly callers: Callers;
  /** The service that has that host name. */
  readonly serviceAt: (host: string) => AwsService | undefined;
  /** Answers a host that no request to AWS is signed for (a distribution). */
  readonly openAt: (host: string) => ((request: AwsRequest) => Promise<AwsAnswer>) | undefined;
  /** Hears of every request that was answered by its service. */
  readonly onPassed?: (passed: Passed) => void;
  readonly world: Pick<World, 'now'>;
}

/** A request that the gate turned away. */
export interface Refusal {
  readonly caller: string;
  readonly operation: string;
  /** `<action> on <ARN>`, or what is wrong with the signature. */
  readonly reason: string;
}

/** A request that the gate would let pass, and whose it is. */
export interface PassingRequest {
  /** ARN of the caller's role. */
  readonly role: string;
  /** `dynamodb:TransactWriteItems`. */
  readonly operation: string;
  readonly request: AwsRequest;
}

/** Tells requests that something is to happen to. */
export type Applies = (passing: PassingRequest) => boolean;

/** What one session asked and was answered, after the gate let it pass. */
export interface Passed {
  readonly accessKeyId: string;
  readonly operation: string;
  readonly request: AwsRequest;
  readonly answer: AwsAnswer;
  /** When it was answered, milliseconds since 1970. */
  readonly answeredAtMs: number;
}

interface Meeting {
  readonly applies: Applies;
  missing: number;
  readonly complete: PromiseWithResolvers<void>;
}

const MOST_BODY_BYTES = 64 * 1024 * 1024;
const KEEP_ALIVE_MS = 120_000;

/**
 * Every way to AWS: one HTTPS server under the names of AWS. It knows the caller by the access key, holds signature, expiry and
 * the statements of the caller's role against each request, as IAM does, and only then lets the service see it.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #server: Server;
  readonly #refusals: Refusal[] = [];
  readonly #faults = new Set<Applies>();
  readonly #meetings = new Set<Meeting>();

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#server = createServer(
      { ...parts.credentials, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
      (request, response) => void this.#serve(request, response),
    );
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return portOf(this.#server);
  }

  /** Requests that were turned away and that nobody has taken note of. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** Takes note of the latest refusal, which is then no surprise any more. */
  takeRefusal(): Refusal | undefined {
    return this.#refusals.pop();
  }

  /** Fails requests that it applies to, as if what they ask for were gone, until the function that it answers is called. */
  fail(applies: Applies): () => void {
    this.#faults.add(applies);
    return () => this.#faults.delete(applies);
  }

  /** The next two requests that it applies to wait for each other: who races does so at once. */
  meet(applies: Applies): void {
    this.#meetings.add({ applies, missing: 2, complete: Promise.withResolvers() });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(await readRequest(incoming));
      response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    } catch (error) {
      // Whoever asked gets no answer, as from a service that broke; its log tells what happened here.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #answer(request: AwsRequest): Promise<AwsAnswer> {
    const { callers, serviceAt, openAt, onPassed, world } = this.#parts;
    const open = openAt(request.host);
    if (open !== undefined) return open(request);
    const service = serviceAt(request.host);
    if (service === undefined) throw new Error(`nothing of AWS is at ${request.host}`);
    const operation = service.operationOf(request);
    const signed = signedBy(request);
    const caller = signed && callers.withKey(signed.accessKeyId);
    if (signed === undefined || caller === undefined) {
      this.#refusals.push({ caller: 'unknown', operation, reason: 'nobody signed it' });
      return service.error(403, 'AccessDenied', 'who asks is not known');
    }
    const refuse = (code: string, reason: string): AwsAnswer => {
      this.#refusals.push({ caller: caller.arn, operation, reason });
      return service.error(403, code, `${caller.arn}: ${reason}`);
    };
    const fault = signatureFault(request, signed, caller.credentialsOf(signed.accessKeyId), world.now());
    if (fault !== undefined) return refuse(fault, `the signature: ${fault}`);
    for (const right of service.rightsOf(request)) {
      if (!caller.may(right, operation)) return refuse('AccessDenied', `${right.action} on ${right.arn}`);
    }
    const passing = { role: caller.arn, operation, request };
    if ([...this.#faults].some((applies) => applies(passing)))
      return service.error(400, 'ResourceNotFoundException', 'a fault that the test plays');
    await this.#met(passing);
    const answer = await service.answer(request, caller);
    const { accessKeyId } = signed;
    onPassed?.({ accessKeyId, operation, request, answer, answeredAtMs: world.now() });
    return answer;
  }

  async #met(passing: PassingRequest): Promise<void> {
    const meeting = [...this.#meetings].find(({ applies }) => applies(passing));
    if (meeting === undefined) return;
    meeting.missing -= 1;
    if (meeting.missing > 0) return meeting.complete.promise;
    this.#meetings.delete(meeting);
    meeting.complete.resolve();
  }
}

async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MOST_BODY_BYTES) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  const { method = '', url = '', headers } = incoming;
  const queryAt = url.indexOf('?');
  const rawQuery = queryAt < 0 ? '' : url.slice(queryAt + 1);
  const flat = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return {
    host: (headers.host ?? '').replace(/:\d+$/, ''),
    method,
    path: queryAt < 0 ? url : url.slice(0, queryAt),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: Object.fromEntries(flat),
    body: Buffer.concat(chunks),
  };
}
