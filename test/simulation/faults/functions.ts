import type { Capabilities, CapabilityName, Home } from '#shared/capabilities/home.ts';
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
    // What it has not dealt with, and says so, is not hidden: it comes again.
    const isDone = JSON.stringify(answer) === '{"batchItemFailures":[]}';
    if (!isDone || Records.length === 0 || !chance.happens(name)) return answer;
    const failed = Records.filter(() => chance.stream.happens(0.5)).map(({ messageId = '' }) => messageId);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  },
};

export const diesAfterPublish: Fault = {
  name: 'dies-after-publish',
  what: 'a function stops for good after it has told a device something, before its batch is acknowledged',
  most: 0.03,
  home: (home, chance) =>
    homeLike(home, {
      deviceLink: (link) => ({
        disconnect: (thing) => link.disconnect(thing),
        publish: async (topic, payload) => {
          await link.publish(topic, payload);
          if (chance.happens(topic)) await never();
        },
      }),
    }),
};

export const serverClockOff: Fault = {
  name: 'server-clock-off',
  what: 'the clock of an instance is up to two seconds off',
  most: 1,
  home: (home, chance) => {
    if (!chance.happens('')) return home;
    const skewMs = Math.round((2 * chance.stream.next() - 1) * SERVER_SKEW_MS);
    return homeLike(home, {
      clock: (clock) => ({ now: () => clock.now() + skewMs, pause: (delayMs) => clock.pause(delayMs) }),
    });
  },
};

/** How some capabilities are given differently, by their names. */
type Changes = {
  readonly [Name in CapabilityName]?: (capability: Capabilities[Name]) => Capabilities[Name];
};

/** A home that gives some capabilities differently. */
function homeLike(home: Home, changes: Changes): Home {
  return {
    provide: async <Name extends CapabilityName>(...wanted: Parameters<typeof home.provide<Name>>) => {
      const capability = await home.provide<Name>(...wanted);
      // The compiler does not narrow the table of changes by the name that it is looked up with.
      const change = changes[wanted[0]] as ((one: Capabilities[Name]) => Capabilities[Name]) | undefined;
      return change?.(capability) ?? capability;
    },
    setting: (variable) => home.setting(variable),
    ...(home.count && { count: home.count.bind(home) }),
    ...(home.writeLine && { writeLine: home.writeLine }),
    ...(home.meter && { meter: home.meter }),
  };
}
