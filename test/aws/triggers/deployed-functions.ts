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
const TRIES_FOR_ONE = 6;

/** The functions of the account by ARN and name. */
export class DeployedFunctions {
  readonly #byArn: ReadonlyMap<string, LambdaFunction>;

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
}

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`. */
function splitArn(arn: string): [unqualified: string, qualifier?: string] {
  const parts = arn.split(':');
  const unqualified = parts.slice(0, 7).join(':');
  const [qualifier] = parts.slice(7);
  return qualifier === undefined ? [unqualified] : [unqualified, qualifier];
}

/** How asynchronous invocations of that qualifier are taken, and where those go that were given up. */
export function asyncOptionsOf({ function: { definition }, qualifier }: InvokedFunction): {
  readonly options: AsyncOptions;
  readonly onFailureArn: string | undefined;
} {
  const config = definition.invokeConfigs.get(qualifier);
  const { maximumEventAgeSeconds = 21_600, maximumRetryAttempts = 2, onFailureArn } = config ?? {};
  const options = {
    maximumEventAgeSeconds,
    maximumRetryAttempts: maximumRetryAttempts * TRIES_FOR_ONE,
    concurrency: CONCURRENCY,
  };
  return { options, onFailureArn };
}
