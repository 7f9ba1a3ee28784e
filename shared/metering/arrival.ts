import type { Arrival } from './instance-meter.ts';

/** How messages get into the queue that a function reads: by our own functions, or by an IoT rule. */
export type QueueFeed = 'functions' | 'rule';

/** What is looked at of an SQS event. */
interface Batch {
  readonly Records?: readonly { readonly body?: string }[];
}

/** A message that check-for-update sends on says so (see `ruleEventOf`): it did not come by a rule. Devices cannot write quotes here. */
const FORWARDED = '"forwarded":true';
/** SQS: ten messages, or 64 KB, are one request. */
const MESSAGES_PER_REQUEST = 10;
const REQUEST_BYTES = 64 * 1024;

const BY_RULE: Arrival = { messages: 1, usage: { ruleTriggers: 1, ruleActions: 1 } };
const BY_API: Arrival = { messages: 1, usage: { apiRequests: 1 } };
/** Streams, schedules, uploads and events of the bus are brought for nothing; whoever put an event on the bus has paid. */
const FOR_NOTHING: Arrival = { messages: 1, usage: {} };

/** What it costs that a trigger of this kind brings `event`, poller's requests included. */
export function arrivalOf(kind: string, event: unknown, feed: QueueFeed = 'functions'): Arrival {
  switch (kind) {
    case 'device-message':
      return BY_RULE;
    case 'http':
      return BY_API;
    case 'device-batch':
    case 'queue':
      // Lambda's poller sends nothing else to a function behind a queue.
      return byQueue((event as Batch).Records ?? [], feed);
    default:
      return FOR_NOTHING;
  }
}

function byQueue(records: readonly { readonly body?: string }[], feed: QueueFeed): Arrival {
  let characters = 0;
  let byRule = 0;
  for (const { body = '' } of records) {
    characters += body.length;
    if (feed === 'rule' && !body.includes(FORWARDED)) byRule += 1;
  }
  const requests = Math.ceil(records.length / MESSAGES_PER_REQUEST);
  // Bodies are JSON in ASCII but for a few names: characters are close enough to bytes.
  const receives = Math.max(requests, Math.ceil(characters / REQUEST_BYTES));
  return {
    messages: records.length,
    usage: {
      // The poller's receives and deletes, and one send for each message of a rule, which does not batch.
      queueRequests: receives + requests + byRule,
      ...(byRule > 0 && { ruleActions: byRule, ruleTriggers: byRule }),
    },
  };
}
