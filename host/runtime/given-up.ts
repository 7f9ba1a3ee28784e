import type { FunctionDefinition } from '#host/serverless/service-definition.ts';
import type { World } from '#shared/world/world.ts';
import { failureAccount } from './failure-account.ts';
import type { HostLog } from './host-log.ts';
import type { HostResources } from './resources.ts';

/** Keeps an event that was given up after so many attempts. */
export type OnGivenUp = (event: unknown, error: unknown, attempts: number) => Promise<void>;

/** Where events that were given up go, and who is told. */
export interface GivenUpParts {
  readonly resources: HostResources;
  readonly world: Pick<World, 'now'>;
  readonly log: HostLog;
}

/**
 * What becomes of an asynchronous invocation that was given up: Lambda's account of it goes to the function's failure
 * destination; without one the log is all that is left of it.
 */
export function toFailureDestination(definition: FunctionDefinition, parts: GivenUpParts): OnGivenUp {
  const { onFailureQueue } = definition.asynchronous;
  if (onFailureQueue === undefined) return toLog(definition, parts.log);
  const queue = parts.resources.queue(onFailureQueue);
  return async (event, error, attempts) => {
    const account = failureAccount(definition, event, { error, attempts, atMs: parts.world.now() });
    await queue.send([{ body: JSON.stringify(account) }]);
  };
}

/** What becomes of an event that a rule of the bus could not hand over: it goes to the rule's dead-letter queue as it was. */
export function toDeadLetters(
  definition: FunctionDefinition,
  deadLetterQueue: string | undefined,
  parts: GivenUpParts,
): OnGivenUp {
  if (deadLetterQueue === undefined) return toFailureDestination(definition, parts);
  const queue = parts.resources.queue(deadLetterQueue);
  return async (event) => {
    await queue.send([{ body: JSON.stringify(event) }]);
  };
}

function toLog({ name }: FunctionDefinition, log: HostLog): OnGivenUp {
  return async (event, error, attempts) => {
    log.error('an event was given up and is lost', error, {
      function: name,
      attempts,
      event: JSON.stringify(event).slice(0, 2_000),
    });
  };
}
