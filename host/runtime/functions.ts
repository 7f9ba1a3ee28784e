import { FunctionRights } from '#host/rights/function-rights.ts';
import type { FunctionDefinition, ServiceDefinition } from '#host/serverless/service-definition.ts';
import type { Capabilities, WriteLine } from '#shared/capabilities/home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { UsageSink } from '#shared/metering/instance-meter.ts';
import { InvocationMeter } from '#shared/metering/invocation-meter.ts';
import { modelledDurationMs } from '#shared/metering/lambda-model.ts';
import type { World } from '#shared/world/world.ts';
import { EmbeddedHome, type Resources } from './embedded-home.ts';
import { type Bindable, FunctionPool } from './function-pool.ts';
import { loadHandler } from './load-handler.ts';
import type { RequestIds } from './request-ids.ts';

/** Invocations of one function at the same time, where the function does not say. */
const CONCURRENCY = 256;

/** What all functions of a host have in common. */
export interface FunctionsParts {
  readonly resources: Resources;
  readonly world: World;
  readonly clock: Capabilities['clock'];
  readonly ids: Capabilities['ids'];
  readonly usage: Capabilities['usage'] & UsageSink;
  readonly requestIds: RequestIds;
  readonly writeLine: WriteLine;
  /** What has to come to its end before any of them is invoked, where there is anything. */
  readonly before?: () => Promise<void> | undefined;
  /** Gives the handler of a module file; imports it unless told. */
  readonly loadHandler?: (file: string) => Promise<Bindable>;
}

/** The longest that a function which judges anything by the clock may run. */
const BRIEF_SECONDS = 60;

interface HostedFunction {
  readonly definition: FunctionDefinition;
  readonly pool: FunctionPool;
  readonly rights: FunctionRights;
  readonly metrics: ReadonlyMap<string, number>;
}

/** All functions of the services, by physical name. */
export class Functions {
  readonly #byName = new Map<string, HostedFunction>();

  constructor(services: readonly ServiceDefinition[], parts: FunctionsParts) {
    for (const definition of services.flatMap(({ functions }) => functions)) {
      this.#byName.set(definition.name, hosted(definition, parts));
    }
  }

  /** The pool of the function with that physical name. Throws `ConfigurationError` when there is none. */
  pool(name: string): FunctionPool {
    const found = this.#byName.get(name);
    if (found === undefined) throw new ConfigurationError(`there is no function ${name}`);
    return found.pool;
  }

  get pools(): readonly FunctionPool[] {
    return [...this.#byName.values()].map(({ pool }) => pool);
  }

  /**
   * Resolves once nothing runs that had begun. What may run for longer than a minute is not waited for: it counts members or measures
   * images, and judges nothing by the clock.
   */
  async ended(): Promise<void> {
    const brief = [...this.#byName.values()].filter(
      ({ definition }) => definition.timeoutSeconds <= BRIEF_SECONDS,
    );
    await Promise.all(brief.map(({ pool }) => pool.ended()));
  }

  /** Counters of all functions since the host started, added up by name. */
  get metrics(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { metrics } of this.#byName.values()) {
      for (const [metric, value] of metrics) sums[metric] = (sums[metric] ?? 0) + value;
    }
    return sums;
  }

  /** What functions may do and never did: `<name>: <action> on <resource>`. */
  unusedRights(): string[] {
    return [...this.#byName].flatMap(([name, { rights, definition }]) =>
      rights
        .unused()
        .filter(({ action, resource }) => !isForAws(definition, action, resource))
        .map(({ action, resource }) => `${name}: ${action} on ${resource}`),
    );
  }
}

/** Rights that Lambda itself uses on behalf of a function: to trace it, and to tell a queue of what it has given up. */
function isForAws(definition: FunctionDefinition, action: string, resource: string): boolean {
  const { asynchronous, events } = definition;
  const told = [asynchronous, ...events].flatMap((one) =>
    'onFailureQueue' in one && one.onFailureQueue !== undefined ? [one.onFailureQueue] : [],
  );
  if (action === 'sqs:SendMessage') return told.some((queue) => resource.endsWith(`:${queue}`));
  return action.startsWith('xray:');
}

function hosted(definition: FunctionDefinition, parts: FunctionsParts): HostedFunction {
  const { name, arn, memoryMegabytes, timeoutSeconds, environment, statements, handlerFile } = definition;
  const { resources, world, clock, ids, usage, requestIds, writeLine, before } = parts;
  const rights = new FunctionRights(statements);
  const metrics = new Map<string, number>();
  const newMeter = () =>
    new InvocationMeter({
      functionKey: definition.key,
      memoryMegabytes,
      durationMs: (messages, calls) => modelledDurationMs(memoryMegabytes, messages, calls),
      sink: usage,
    });
  const shared = { environment, rights, resources, clock, ids, usage, newMeter, writeLine, metrics };
  const home = { functionName: name, ...shared };
  const pool = new FunctionPool({
    facts: { name, arn, memoryMegabytes },
    timeoutSeconds,
    concurrency: definition.reservedConcurrency ?? CONCURRENCY,
    load: () => (parts.loadHandler ?? loadHandler)(handlerFile),
    homeFor: (lease) => new EmbeddedHome(home, lease),
    world,
    requestIds,
    ...(before && { before }),
  });
  return { definition, pool, rights, metrics };
}
