import type { AsyncOptions } from '#host/runtime/async-invoker.ts';
import type { LambdaFunction } from '../lambda/lambda-function.ts';

/** A function as a trigger names it: by ARN, perhaps with an alias behind. */
export interface InvokedFunction {
  readonly function: LambdaFunction;
  /** `$LATEST`, or an alias. */
  readonly qualifier: string;
}

/** Instances that take asynchronous invocations, as many as a function may have. */
const CONCURRENCY = 2;
/** Lambda waits one minute and then two before it tries again; here that is a second or two, so that there are more tries. */
const RETRIES_FOR_ONE = 6;

/** The functions of the account by ARN and name. */
export class DeployedFunctions {
  readonly #byArn: ReadonlyMap<string, LambdaFunction>;
  #retriesForOne = RETRIES_FOR_ONE;

  constructor(functions: readonly LambdaFunction[]) {
    this.#byArn = new Map(functions.map((one) => [one.definition.arn, one]));
  }

  get all(): readonly LambdaFunction[] {
    return [...this.#byArn.values()];
  }

  /** Throws when no template makes it. */
  at(arn: string): InvokedFunction {
    const [unqualified, qualifier = '$LATEST'] = splitArn(arn);
    const found = this.#byArn.get(unqualified);
    if (found === undefined) throw new Error(`no template makes the function ${arn}`);
    return { function: found, qualifier };
  }

  named(name: string, qualifier: string): InvokedFunction {
    const found = this.all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no template makes the function ${name}`);
    return { function: found, qualifier };
  }

  /** From now on an event is given up after the retries that its template allows, and no more. */
  giveUpInTime(): void {
    this.#retriesForOne = 1;
  }

  /** How asynchronous invocations of that qualifier are taken. */
  asyncOptionsOf(target: InvokedFunction): AsyncOptions {
    const { maximumEventAgeSeconds = 21_600, maximumRetryAttempts = 2 } = invokeConfigOf(target) ?? {};
    const retries = () => maximumRetryAttempts * this.#retriesForOne;
    return {
      maximumEventAgeSeconds,
      get maximumRetryAttempts() {
        return retries();
      },
      concurrency: CONCURRENCY,
    };
  }
}

/** ARN of the queue that is told of events for that qualifier which were given up. */
export function failureQueueOf(target: InvokedFunction): string | undefined {
  return invokeConfigOf(target)?.onFailureArn;
}

const invokeConfigOf = ({ function: { definition }, qualifier }: InvokedFunction) =>
  definition.invokeConfigs.get(qualifier);

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`. */
function splitArn(arn: string): [unqualified: string, qualifier?: string] {
  const parts = arn.split(':');
  const unqualified = parts.slice(0, 7).join(':');
  const [qualifier] = parts.slice(7);
  return qualifier === undefined ? [unqualified] : [unqualified, qualifier];
}
