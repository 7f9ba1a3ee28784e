import type { Invocable } from '#host/runtime/invocable.ts';
import type { DeployedFunction } from '../stacks/deployed-function.ts';
import { PLACE } from '../stacks/place.ts';
import { LambdaProcess } from './lambda-process.ts';
import type { Network } from './network.ts';
import type { ProcessBudget } from './process-budget.ts';

/** Temporary credentials of a role, as Lambda hands them to its functions. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Which function it is, and where it runs. */
export interface LambdaFunctionParts {
  readonly definition: DeployedFunction;
  /** Credentials for one more process. */
  readonly newCredentials: () => RoleCredentials;
  readonly network: Network;
  readonly budget: ProcessBudget;
  readonly runtimeFile: string;
  /** How much longer than on Lambda a function may take: a machine that does other things is slow. */
  readonly patience: number;
  readonly nextRequestId: () => string;
  /** Hears of every line that a process writes, which is known by its access key. */
  readonly onLine: (line: string, accessKeyId: string) => void;
  /** Hears of every invocation that ended, well or not. */
  readonly onEnded: (event: unknown, accessKeyId: string) => void;
}

/** Execution environments of one function at the same time: one invocation each. */
const MOST_INSTANCES = 2;

interface Instance {
  readonly process: LambdaProcess;
  readonly accessKeyId: string;
  isBusy: boolean;
}

interface Waiter {
  readonly event: unknown;
  readonly answer: PromiseWithResolvers<unknown>;
}

/**
 * A deployed function: the bundle that was packaged, in processes of its own, each with exactly the variables that the template
 * and Lambda give it. More callers than instances wait, as behind a concurrency limit.
 */
export class LambdaFunction implements Invocable {
  readonly #parts: LambdaFunctionParts;
  readonly #instances = new Set<Instance>();
  readonly #waiting: Waiter[] = [];

  constructor(parts: LambdaFunctionParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.definition.name;
  }

  get definition(): DeployedFunction {
    return this.#parts.definition;
  }

  invoke(event: unknown): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push({ event, answer });
    this.#serve();
    return answer.promise;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#instances].map(({ process }) => process.kill()));
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#instances].find(({ isBusy }) => !isBusy);
      if (idle === undefined && this.#instances.size >= MOST_INSTANCES) return;
      const next = this.#waiting.shift();
      if (next !== undefined) void this.#run(idle ?? this.#start(), next);
    }
  }

  #start(): Instance {
    const { definition, network, budget, runtimeFile, newCredentials, onLine } = this.#parts;
    const credentials = newCredentials();
    const { accessKeyId } = credentials;
    const { bundleFile, memoryMegabytes } = definition;
    const process = new LambdaProcess({
      runtimeFile,
      start: { bundleFile, network },
      environment: this.#environment(credentials),
      memoryMegabytes,
      onLine: (line) => onLine(line, accessKeyId),
    });
    const instance = { process, accessKeyId, isBusy: false };
    this.#instances.add(instance);
    budget.started(process, () => {
      if (instance.isBusy) return false;
      this.#instances.delete(instance);
      return true;
    });
    return instance;
  }

  async #run(instance: Instance, { event, answer }: Waiter): Promise<void> {
    const { definition, budget, nextRequestId, patience, onEnded } = this.#parts;
    const { name, arn, memoryMegabytes, timeoutSeconds } = definition;
    instance.isBusy = true;
    budget.used(instance.process);
    const facts = { functionName: name, functionArn: arn, memoryMegabytes };
    const invocation = { event, awsRequestId: nextRequestId(), ...facts };
    try {
      const result = await instance.process.invoke(invocation, timeoutSeconds * patience);
      onEnded(event, instance.accessKeyId);
      answer.resolve(result);
    } catch (error) {
      onEnded(event, instance.accessKeyId);
      answer.reject(error);
    }
    instance.isBusy = false;
    if (!instance.process.isAlive) {
      this.#instances.delete(instance);
      budget.ended(instance.process);
    }
    this.#serve();
  }

  /** The template's variables, and those that Lambda sets (Lambda developer guide, "Defined runtime environment variables"). */
  #environment(credentials: RoleCredentials): Readonly<Record<string, string>> {
    const { definition } = this.#parts;
    const { name, memoryMegabytes, environment } = definition;
    return {
      ...environment,
      _HANDLER: `functions/${name}/handler.handler`,
      AWS_REGION: PLACE.region,
      AWS_DEFAULT_REGION: PLACE.region,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
    };
  }
}
