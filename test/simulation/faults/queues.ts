import type { ReceivedMessage } from '#host/store/queue-source.ts';
import { type Chance, never } from './chance.ts';
import type { Fault, WholeQueue } from './fault.ts';

/** Marks the handle of a message that was delivered once more than it was received. */
const DUPLICATE = 'duplicate:';
const LATE_MS = 60_000;
/** SQS delivers a message to two receivers now and then, while the first is still at it. */
const MEANWHILE_MS = 4_000;

/** A queue whose deliveries are changed on their way; what `change` holds back it hands to `later`. */
function delivering(
  queue: WholeQueue,
  chance: Chance,
  change: (
    received: readonly ReceivedMessage[],
    later: (message: ReceivedMessage, delayMs: number) => void,
  ) => readonly ReceivedMessage[],
): WholeQueue {
  const listeners = new Set<() => void>();
  let waiting: ReceivedMessage[] = [];
  const later = (message: ReceivedMessage, delayMs: number) => {
    chance.world.after(delayMs, () => {
      waiting.push(message);
      for (const run of listeners) run();
    });
  };
  const own = (handles: readonly string[]) => handles.filter((handle) => !handle.startsWith(DUPLICATE));
  return {
    ...passing(queue),
    receive: async (max, seconds) => {
      const late = waiting.slice(0, max);
      waiting = waiting.slice(max);
      const fresh = late.length < max ? await queue.receive(max - late.length, seconds) : [];
      return [...late, ...change(fresh, later)];
    },
    remove: (handles) => queue.remove(own(handles)),
    release: (handles, seconds) => queue.release(own(handles), seconds),
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

/** The queue itself, as an object whose parts can be replaced. */
export const passing = (queue: WholeQueue): WholeQueue => ({
  send: (messages) => queue.send(messages),
  receive: (max, seconds) => queue.receive(max, seconds),
  remove: (handles) => queue.remove(handles),
  release: (handles, seconds) => queue.release(handles, seconds),
  onArrival: (run) => queue.onArrival(run),
});

export const queueDuplicated: Fault = {
  name: 'queue-duplicated',
  what: 'a queue delivers a message once more, meanwhile or up to a minute later, whatever became of it',
  most: 0.3,
  queue: (queue, chance) =>
    delivering(queue, chance, (received, later) => {
      for (const message of received)
        if (chance.happens(''))
          later(
            { ...message, receiptHandle: DUPLICATE + message.receiptHandle },
            chance.upTo(chance.stream.happens(0.5) ? MEANWHILE_MS : LATE_MS),
          );
      return received;
    }),
};

export const queueDelayed: Fault = {
  name: 'queue-delayed',
  what: 'a queue holds a message back for up to a minute, while others pass',
  most: 0.3,
  queue: (queue, chance) =>
    delivering(queue, chance, (received, later) =>
      received.filter((message) => {
        const isLate = chance.happens('');
        if (isLate) later(message, chance.upTo(LATE_MS));
        return !isLate;
      }),
    ),
};

/** Longer than most deadlines of a history are away. */
const LONGEST_STALL_MS = 360_000;
/** A stall that the end of the unkind time has overtaken ends within so long. */
const STALL_STEP_MS = 10_000;

export const queueStalled: Fault = {
  name: 'queue-stalled',
  what: 'nobody is given the messages of a queue for up to six minutes: its trigger is throttled or switched off',
  most: 0.02,
  queue: (queue, chance) => {
    const listeners = new Set<() => void>();
    let isStalled = false;
    const stallUntil = (untilMs: number) => {
      isStalled = chance.isArmed && chance.world.now() < untilMs;
      if (isStalled) chance.world.after(STALL_STEP_MS, () => stallUntil(untilMs));
      else for (const run of listeners) run();
    };
    return {
      ...passing(queue),
      receive: async (max, seconds) => {
        if (!isStalled && chance.happens('')) stallUntil(chance.world.now() + chance.upTo(LONGEST_STALL_MS));
        return isStalled ? [] : queue.receive(max, seconds);
      },
      onArrival: (run) => {
        listeners.add(run);
        const cancel = queue.onArrival(run);
        return () => {
          listeners.delete(run);
          cancel();
        };
      },
    };
  },
};

export const queueReordered: Fault = {
  name: 'queue-reordered',
  what: 'a queue delivers a batch in another order',
  most: 1,
  queue: (queue, chance) =>
    delivering(queue, chance, (received) => {
      if (received.length < 2 || !chance.happens(`${received.length} messages`)) return received;
      return received
        .map((message) => ({ message, rank: chance.stream.next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ message }) => message);
    }),
};

export const redelivered: Fault = {
  name: 'queue-redelivered',
  what: 'a whole batch that was dealt with is not deleted, and comes again when its visibility ends',
  most: 0.1,
  queue: (queue, chance) => ({
    ...passing(queue),
    remove: async (handles) => {
      if (!chance.happens(`${handles.length} messages`)) await queue.remove(handles);
    },
  }),
};

export const sendRefused: Fault = {
  name: 'send-refused',
  what: 'a queue does not accept some of the messages that are sent to it',
  most: 0.2,
  queue: (queue, chance) => ({
    ...passing(queue),
    send: async (messages) => {
      const failed = messages.flatMap((_, at) => (chance.happens('') ? [at] : []));
      const { failed: others } = await queue.send(messages.filter((_, at) => !failed.includes(at)));
      return { failed: [...failed, ...others] };
    },
  }),
};

export const diesAfterSend: Fault = {
  name: 'dies-after-send',
  what: 'a function stops for good after it has sent to a queue, before its batch is acknowledged',
  most: 0.02,
  queue: (queue, chance) => ({
    ...passing(queue),
    send: async (messages) => {
      const result = await queue.send(messages);
      if (chance.happens('')) await never();
      return result;
    },
  }),
};

export const busRefused: Fault = {
  name: 'bus-refused',
  what: 'the bus does not accept some of the events that are published',
  most: 0.3,
  bus: (bus, chance) => ({
    publish: async (events) => {
      const failed = events.flatMap((_, at) => (chance.happens('') ? [at] : []));
      const accepted = events.filter((_, at) => !failed.includes(at));
      const { failed: others } = accepted.length === 0 ? { failed: [] } : await bus.publish(accepted);
      return { failed: [...failed, ...others] };
    },
  }),
};

export const busDuplicated: Fault = {
  name: 'bus-duplicated',
  what: 'the bus hands an event over twice, the second up to a minute later',
  most: 0.5,
  bus: (bus, chance) => ({
    publish: async (events) => {
      const answer = await bus.publish(events);
      for (const event of events)
        if (chance.happens(event.type))
          chance.world.after(chance.upTo(LATE_MS), () => void bus.publish([event]).catch(() => undefined));
      return answer;
    },
  }),
};
