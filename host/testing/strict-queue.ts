import type { Queue } from '#shared/capabilities/queue.ts';
import type { World } from '#shared/world/world.ts';
import type { QueueSource, ReceivedMessage } from '../store/queue-source.ts';

/** Marks the handle of a message that was delivered once more than it was received. */
const DUPLICATE = 'duplicate:';
/** How much later a duplicate may come: also after its original was handled and removed. */
const LATEST_DUPLICATE_MS = 30_000;

/** How often a strict queue does what SQS may do; every rate is a share between 0 and 1. */
export interface StrictQueueOptions {
  readonly world: World;
  /** Share of the messages sent that are not accepted and must be sent again; a tenth unless told. */
  readonly unacceptedRate?: number;
  /** Share of deliveries that come again within half a minute, whatever becomes of them; a tenth unless told. */
  readonly duplicateRate?: number;
  /** Share of deliveries that wait for a later receive; three tenths unless told. */
  readonly postponeRate?: number;
}

/** The same queue, but deliveries are shuffled, postponed and duplicated, and sends are accepted in part. */
export function strictQueue(queue: Queue & QueueSource, options: StrictQueueOptions): Queue & QueueSource {
  const { world, unacceptedRate = 0.1, duplicateRate = 0.1, postponeRate = 0.3 } = options;
  const happens = (rate: number) => rate > 0 && world.random() < rate;
  const listeners = new Set<() => void>();
  let waiting: ReceivedMessage[] = [];

  const deliverLater = (message: ReceivedMessage, delayMs: number) => {
    world.after(delayMs, () => {
      waiting.push(message);
      for (const run of listeners) run();
    });
  };
  const own = (handles: readonly string[]) => handles.filter((handle) => !handle.startsWith(DUPLICATE));

  return {
    send: async (messages) => {
      const failed = messages.flatMap((_, at) => (happens(unacceptedRate) ? [at] : []));
      const accepted = messages.filter((_, at) => !failed.includes(at));
      await queue.send(accepted);
      return { failed };
    },

    receive: async (max, visibilityTimeoutSeconds) => {
      const late = waiting.splice(0, max);
      const received =
        late.length < max ? await queue.receive(max - late.length, visibilityTimeoutSeconds) : [];
      const [first, ...others] = shuffled(received, world);
      const postponed = others.filter(() => happens(postponeRate));
      for (const message of postponed) deliverLater(message, 0);
      const now =
        first === undefined ? [] : [first, ...others.filter((message) => !postponed.includes(message))];
      for (const message of now.filter(() => happens(duplicateRate))) {
        const duplicate = { ...message, receiptHandle: `${DUPLICATE}${message.receiptHandle}` };
        deliverLater(duplicate, world.random() * LATEST_DUPLICATE_MS);
      }
      return shuffled([...late, ...now], world);
    },
    remove: async (handles) => {
      const removed = new Set(own(handles));
      waiting = waiting.filter(({ receiptHandle }) => !removed.has(receiptHandle));
      await queue.remove([...removed]);
    },
    release: (handles, delaySeconds) => queue.release(own(handles), delaySeconds),

    onArrival: (run) => {
      listeners.add(run);
      const cancel = queue.onArrival(run);
      return () => {
        listeners.delete(run);
        cancel();
      };
    },
  };
}

function shuffled<T>(all: readonly T[], world: World): T[] {
  return all
    .map((one) => ({ one, rank: world.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}
