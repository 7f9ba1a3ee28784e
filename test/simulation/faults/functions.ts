import type { Home } from '#shared/capabilities/home.ts';
import { never } from './chance.ts';
import type { Fault } from './fault.ts';

const SERVER_SKEW_MS = 2_000;

interface Records {
  readonly Records?: readonly { readonly messageId?: string }[];
}

export const timesOut: Fault = {
  name: 'times-out',
  what: 'a function does all of its work and never answers: it runs into its timeout, and everything comes again',
  most: 0.05,
  instance: (serve, chance, name) => async (event, context) => {
    const answer = await serve(event, context);
    if (chance.happens(name)) await never();
    return answer;
  },
};

export const neverBegins: Fault = {
  name: 'fails-at-once',
  what: 'an invocation fails before its function has done anything',
  most: 0.1,
  instance: (serve, chance, name) => async (event, context) => {
    if (chance.happens(name)) throw new Error('simulated: the invocation failed');
    return serve(event, context);
  },
};

export const partOfBatchFails: Fault = {
  name: 'part-of-batch-fails',
  what: 'a function that has dealt with a whole batch is heard to have failed a part of it',
  most: 0.2,
  instance: (serve, chance, name) => async (event, context) => {
    const answer = await serve(event, context);
    const { Records = [] } = event as Records;
    const isBatch = typeof answer === 'object' && answer !== null && 'batchItemFailures' in answer;
    if (!isBatch || Records.length === 0 || !chance.happens(name)) return answer;
    const failed = Records.filter(() => chance.stream.happens(0.5)).map(({ messageId = '' }) => messageId);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  },
};

export const diesAfterPublish: Fault = {
  name: 'dies-after-publish',
  what: 'a function stops for good after it has told a device something, before its batch is acknowledged',
  most: 0.03,
  home: (home, chance) =>
    homeLike(home, (name, capability) => {
      if (name !== 'deviceLink') return capability;
      const link = capability as {
        publish(topic: string, payload: Uint8Array): Promise<void>;
        disconnect(thing: string): Promise<void>;
      };
      return {
        disconnect: (thing: string) => link.disconnect(thing),
        publish: async (topic: string, payload: Uint8Array) => {
          await link.publish(topic, payload);
          if (chance.happens(topic)) await never();
        },
      };
    }),
};

export const serverClockOff: Fault = {
  name: 'server-clock-off',
  what: 'the clock of an instance is up to two seconds off',
  most: 1,
  home: (home, chance) => {
    if (!chance.happens('')) return home;
    const skewMs = Math.round((2 * chance.stream.next() - 1) * SERVER_SKEW_MS);
    return homeLike(home, (name, capability) => {
      if (name !== 'clock') return capability;
      const clock = capability as { now(): number; pause(delayMs: number): Promise<void> };
      return { now: () => clock.now() + skewMs, pause: (delayMs: number) => clock.pause(delayMs) };
    });
  },
};

/** A field that the next version writes and the present one does not know. */
const NEXT = { nextVersionField: 'unknown to the version before' };

export const nextVersion: Fault = {
  name: 'next-version',
  what: 'instances of the next version run beside those of this one: what they write and send has a field more',
  most: 0.5,
  home: (home, chance) => {
    if (!chance.happens('')) return home;
    return homeLike(home, (name, capability) => {
      if (name === 'queue') return withNextMessages(capability as never);
      return name === 'table' ? withNextItems(capability as never) : capability;
    });
  },
};

function withNextMessages(queue: import('#shared/capabilities/queue.ts').Queue) {
  return {
    send: (messages: Parameters<typeof queue.send>[0]) =>
      queue.send(
        messages.map((message) => ({
          ...message,
          body: JSON.stringify({ ...JSON.parse(message.body), ...NEXT }),
        })),
      ),
  };
}

function withNextItems(table: import('#shared/capabilities/table.ts').Table) {
  const next = <W extends import('#shared/capabilities/table.ts').TransactWrite>(write: W): W =>
    'put' in write ? { ...write, put: { ...write.put, ...NEXT } } : write;
  return {
    get: table.get.bind(table),
    query: table.query.bind(table),
    putAll: table.putAll.bind(table),
    write: (write: Parameters<typeof table.write>[0]) => table.write(next(write)),
    transact: (writes: Parameters<typeof table.transact>[0], options: Parameters<typeof table.transact>[1]) =>
      table.transact(writes.map(next), options),
  };
}

/** A home that gives some things differently; `change` knows a capability by its name. */
function homeLike(home: Home, change: (name: string, capability: unknown) => unknown): Home {
  return {
    provide: async (name, variable, load) =>
      // Whoever changes a capability keeps its kind.
      change(name, await home.provide(name, variable, load)) as never,
    setting: (variable) => home.setting(variable),
    ...(home.count && { count: home.count.bind(home) }),
    ...(home.writeLine && { writeLine: home.writeLine }),
    ...(home.meter && { meter: home.meter }),
  };
}
