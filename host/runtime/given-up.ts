import type { FunctionDefinition } from '#host/serverless/service-definition.ts';
import { messageText } from '#shared/capabilities/message-text.ts';
import type { World } from '#shared/world/world.ts';
import { failureAccount, type GivenUpFailure } from './failure-account.ts';
import type { HostLog } from './host-log.ts';
import type { HostResources } from './resources.ts';

/** Keeps an event that was given up; resolves once it is kept. */
export type OnGivenUp = (event: unknown, failure: GivenUpFailure) => Promise<void>;

/** Where events that were given up go, and who is told. */
export interface GivenUpParts {
  readonly resources: HostResources;
  readonly world: Pick<World, 'now'>;
  readonly log: HostLog;
}

/** How an asynchronous invocation that was given up is kept: Lambda's account of it goes to the function's failure destination, if it has one. */
export function toFailureDestination(
  definition: FunctionDefinition,
  parts: GivenUpParts,
): OnGivenUp | undefined {
  const { onFailureQueue } = definition.asynchronous;
  if (onFailureQueue === undefined) return undefined;
  const queue = parts.resources.queue(onFailureQueue);
  return async (event, failure) => {
    const account = failureAccount(definition, event, failure, parts.world.now());
    await queue.send([{ body: messageText(account) }]);
  };
}

/** The same, where without a failure destination the log is all that is left of it. */
export function toDestinationOrLog(definition: FunctionDefinition, parts: GivenUpParts): OnGivenUp {
  return toFailureDestination(definition, parts) ?? toLog(definition, parts.log);
}

/** What becomes of an event that a rule of the bus could not hand over: it goes to the rule's dead-letter queue as it was. */
export function toDeadLetters(
  definition: FunctionDefinition,
  deadLetterQueue: string | undefined,
  parts: GivenUpParts,
): OnGivenUp {
  if (deadLetterQueue === undefined) return toDestinationOrLog(definition, parts);
  const queue = parts.resources.queue(deadLetterQueue);
  return async (event) => {
    await queue.send([{ body: messageText(event) }]);
  };
}

function toLog({ name }: FunctionDefinition, log: HostLog): OnGivenUp {
  return async (event, { error, attempts }) => {
    log.error('an event was given up and is lost', error, {
      function: name,
      attempts,
      event: JSON.stringify(event).slice(0, 2_000),
    });
  };
}
