import type { Context } from 'aws-lambda';
import type { World } from '#shared/world/world.ts';

/** What is the same for every invocation of a function. */
export interface FunctionFacts {
  readonly name: string;
  readonly arn: string;
  readonly memoryMegabytes: number;
}

/** The context object that Lambda hands over with every event. */
export class InvocationContext implements Context {
  callbackWaitsForEmptyEventLoop = false;
  readonly functionVersion = '$LATEST';
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName = 'host';
  readonly #facts: FunctionFacts;
  readonly #world: Pick<World, 'monotonicMs'>;
  readonly #deadlineMs: number;

  /** `deadlineMs` is on the world's monotonic clock. */
  constructor(
    facts: FunctionFacts,
    awsRequestId: string,
    deadlineMs: number,
    world: Pick<World, 'monotonicMs'>,
  ) {
    this.#facts = facts;
    this.#world = world;
    this.#deadlineMs = deadlineMs;
    this.awsRequestId = awsRequestId;
    this.logGroupName = facts.name;
  }

  get functionName(): string {
    return this.#facts.name;
  }

  get invokedFunctionArn(): string {
    return this.#facts.arn;
  }

  get memoryLimitInMB(): string {
    return String(this.#facts.memoryMegabytes);
  }

  getRemainingTimeInMillis(): number {
    return Math.max(0, this.#deadlineMs - this.#world.monotonicMs());
  }

  done(): void {
    throw new TypeError('Lambda has no callbacks any more: return a promise');
  }

  fail(): void {
    this.done();
  }

  succeed(): void {
    this.done();
  }
}
