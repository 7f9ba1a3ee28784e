import type { FunctionDefinition } from '#host/serverless/service-definition.ts';
import type { Capabilities, WriteLine } from '#shared/capabilities/home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { compileStatements } from './compile-statements.ts';
import { EmbeddedHome, type Resources } from './embedded-home.ts';
import { FunctionPool } from './function-pool.ts';
import { FunctionRights } from './function-rights.ts';
import { loadHandler } from './load-handler.ts';
import type { RequestIds } from './request-ids.ts';

/** Invocations of one function at the same time, where the function does not say. */
const CONCURRENCY = 256;

export interface FunctionsParts {
  readonly resources: Resources;
  readonly world: World;
  readonly clock: Capabilities['clock'];
  readonly ids: Capabilities['ids'];
  readonly requestIds: RequestIds;
  readonly writeLine: WriteLine;
}

interface HostedFunction {
  readonly definition: FunctionDefinition;
  readonly pool: FunctionPool;
  readonly rights: FunctionRights;
}

/** All functions of the services, by key and by physical name. */
export class Functions {
  readonly #all = new Map<string, HostedFunction>();

  /** Throws `ConfigurationError` for a key that two services have: a route, a log line and a test must name one function. */
  constructor(definitions: readonly FunctionDefinition[], parts: FunctionsParts) {
    for (const definition of definitions) {
      if (this.#all.has(definition.key))
        throw new ConfigurationError(`function ${definition.key} is there twice`);
      this.#all.set(definition.key, hosted(definition, parts));
    }
  }

  /** The pool of the function with that key. Throws `ConfigurationError` when there is none. */
  pool(key: string): FunctionPool {
    return this.#of(key).pool;
  }

  definition(key: string): FunctionDefinition {
    return this.#of(key).definition;
  }

  get pools(): readonly FunctionPool[] {
    return [...this.#all.values()].map(({ pool }) => pool);
  }

  /** What functions may do and never did: `<key>: <action> on <resource>`. */
  unusedRights(): string[] {
    return [...this.#all].flatMap(([key, { rights }]) => rights.unused().map((right) => `${key}: ${right}`));
  }

  #of(key: string): HostedFunction {
    const found = this.#all.get(key);
    if (found === undefined) throw new ConfigurationError(`there is no function ${key}`);
    return found;
  }
}

function hosted(definition: FunctionDefinition, parts: FunctionsParts): HostedFunction {
  const { name, arn, memoryMegabytes, timeoutSeconds, environment, statements, handlerFile } = definition;
  const { resources, world, clock, ids, requestIds, writeLine } = parts;
  const rights = new FunctionRights(statements, compileStatements);
  const home = { functionName: name, environment, rights, resources, clock, ids, writeLine };
  const pool = new FunctionPool({
    facts: { name, arn, memoryMegabytes },
    timeoutSeconds,
    concurrency: definition.reservedConcurrency ?? CONCURRENCY,
    load: () => loadHandler(handlerFile),
    homeFor: (lease) => new EmbeddedHome(home, lease),
    world,
    requestIds,
  });
  return { definition, pool, rights };
}
