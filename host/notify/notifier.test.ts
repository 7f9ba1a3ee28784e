import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { triggerHome } from '#host/runtime/testing/trigger-home.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import { Ulids } from '#shared/world/ulids.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { Sight } from './lookout.ts';
import { notificationOf } from './notification.ts';
import { Notifier } from './notifier.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const [HALTED] = RolloutChanged.examples;

/** A notifier whose receiver takes it that the host has started, and does with everything else what `take` does. */
function telling(
  take: (id: string) => Promise<void>,
  sights: readonly Sight[] = [],
  on: { readonly world?: VirtualWorld; readonly directory?: string } = {},
) {
  const home = triggerHome(on.world, on.directory);
  const { store, world, log } = home;
  const attempts: { readonly atMs: number; readonly id: string; readonly text: string }[] = [];
  const starts: string[] = [];
  const receiver = {
    name: 'receiver.example',
    async invoke(event: unknown) {
      const { id, text, what } = notificationOf(event, 'localhost');
      if (what === 'host-started') return void starts.push(text);
      attempts.push({ atMs: world.now(), id, text });
      await take(id);
    },
    close: () => undefined,
  };
  const notifier = new Notifier({ store, receiver, sights, world, log, ids: new Ulids(world) });
  const publish = (id: string, { type = RolloutChanged.type, change = 'halted' } = {}) =>
    home.done(
      store.bus.publish([{ id, source: RolloutChanged.source, type, detail: { ...HALTED, id, change } }]),
    );
  const start = (since?: Parameters<Notifier['start']>[0]) => home.done(notifier.start(since));
  const end = async () => {
    await home.done(notifier.stop());
    store.close();
  };
  return { ...home, attempts, starts, start, publish, end };
}

/** Ids as the outbox makes them. */
const idOf = (n: number) => `01JD4Z6Q7R8S9T0V1W2X3Y4Z${String(n).padStart(2, '0')}`;

describe('a notifier', () => {
  it('sends each change of a rollout once where the receiver takes it, and no other event', async () => {
    const { attempts, start, publish, world } = telling(async () => undefined);
    await start();
    await publish(idOf(1));
    await publish(idOf(2), { type: 'SomethingElse' });
    await publish(idOf(3));
    await world.advance(2 * HOUR_MS);
    expect(attempts.map(({ id }) => id)).toEqual([idOf(1), idOf(3)]);
  });

  it('says that it has begun, and since when nobody was heard', async () => {
    const first = telling(async () => undefined);
    await first.start();
    expect(first.starts).toMatchObject([expect.stringContaining('serves for the first time')]);
    const { starts, start, world } = telling(async () => undefined);
    await start({ awayFromMs: world.now() - HOUR_MS });
    const iso = (atMs: number) => new Date(atMs).toISOString();
    expect(starts[0]).toContain(`from ${iso(world.now() - HOUR_MS)} to ${iso(world.now())}`);
  });

  it('asks a receiver that is away again with pauses up to five minutes, until it is back', async () => {
    let isBack = false;
    const { attempts, start, publish, world, lines } = telling(async () => {
      if (!isBack) throw new Error('away');
    });
    await start();
    await publish(idOf(1));
    await world.advance(6 * HOUR_MS);
    const pausesMs = attempts.slice(1).map(({ atMs }, at) => atMs - (attempts[at]?.atMs ?? 0));
    expect(Math.max(...pausesMs)).toBeGreaterThan(2 * MINUTE_MS);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(5 * MINUTE_MS);
    isBack = true;
    await world.advance(5 * MINUTE_MS);
    const failures = attempts.length - 1;
    await world.advance(6 * HOUR_MS);
    expect(attempts).toHaveLength(failures + 1);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(1);
    // Hundreds of attempts are two lines of the log.
    expect(lines).toMatchObject([
      { message: 'a notification was not taken', errorMessage: 'away', receiver: 'receiver.example' },
      { message: 'notifications are taken again', failures },
    ]);
  });

  it('goes on with the others while the receiver refuses one', async () => {
    const { attempts, start, publish, world } = telling(async (id) => {
      if (id === idOf(1)) throw new Error('not this one');
    });
    await start();
    for (const n of [1, 2, 3]) await publish(idOf(n));
    await world.settle();
    expect(attempts.map(({ id }) => id)).toEqual([1, 2, 3].map(idOf));
  });

  it('tries after the start what the receiver had not taken before the machine was off for days', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-notifier-'));
    const world = new VirtualWorld('off', Date.UTC(2026, 0, 2));
    const before = telling(() => Promise.reject(new Error('away')), [], { world, directory });
    await before.start();
    await before.publish(idOf(1));
    await world.advance(20_000);
    await before.end();
    const later = new VirtualWorld('on', Date.UTC(2026, 0, 5));
    const { attempts, start, end } = telling(async () => undefined, [], { world: later, directory });
    await start();
    await later.advance(MINUTE_MS);
    expect(attempts.map(({ id }) => id)).toEqual([idOf(1)]);
    await end();
    await rm(directory, { recursive: true });
  });

  it('gives up after a day what was tried in vain, with a line in the log', async () => {
    const { attempts, start, publish, world, lines } = telling(async () => {
      throw new Error('away');
    });
    await start();
    await publish(idOf(1));
    await world.advance(25 * HOUR_MS);
    const before = attempts.length;
    await world.advance(4 * 24 * HOUR_MS);
    expect(attempts).toHaveLength(before);
    expect(before).toBeGreaterThan(24 * 12);
    const givenUp = lines.filter(({ message }) => message === 'a notification was given up after a day');
    expect(givenUp).toMatchObject([{ receiver: 'receiver.example' }]);
    expect(givenUp[0]?.notification).toContain(idOf(1));
  });

  it('holds up nobody who publishes, and asks one at a time, while the receiver hangs', async () => {
    const { attempts, start, publish } = telling(() => new Promise(() => undefined));
    for (let n = 1; n <= 20; n++) await publish(idOf(n));
    await start();
    for (let n = 21; n <= 50; n++) await publish(idOf(n));
    expect(attempts.map(({ id }) => id)).toEqual([idOf(1)]);
  });

  it('lets what is urgent wait for nothing else, before whatever the receiver hangs', async () => {
    const { attempts, start, publish } = telling(() => new Promise(() => undefined));
    await publish(idOf(1), { change: 'launched' });
    for (let n = 2; n <= 20; n++) await publish(idOf(n), { change: 'stage-opened' });
    await start();
    await publish(idOf(21), { change: 'halted' });
    expect(attempts.map(({ id }) => id)).toEqual([1, 21].map(idOf));
  });

  it('tells what it sees once it has lasted, at most once an hour while it goes on, and what came meanwhile after that', async () => {
    let seen: string | undefined;
    const sight: Sight = { name: 'Trouble', minutes: 3, look: async () => seen };
    const { attempts, start, world } = telling(async () => undefined, [sight]);
    await start();
    seen = 'it is wrong';
    await world.advance(2 * MINUTE_MS);
    expect(attempts).toHaveLength(0);
    await world.advance(MINUTE_MS);
    expect(attempts).toMatchObject([{ text: 'Evenkeel on localhost: it is wrong' }]);
    seen = 'it is still wrong';
    await world.advance(HOUR_MS - 2 * MINUTE_MS);
    expect(attempts).toHaveLength(1);
    // Over before the hour is: it had lasted all the same.
    seen = undefined;
    await world.advance(2 * MINUTE_MS);
    expect(attempts.map(({ text }) => text).slice(1)).toEqual(['Evenkeel on localhost: it is still wrong']);
    await world.advance(2 * HOUR_MS);
    expect(attempts).toHaveLength(2);
  });

  it('takes for lasting what one look in between has missed, and not what two have', async () => {
    const seen = ['first', undefined, undefined, 'second', 'third', undefined, 'fourth'];
    const sight: Sight = { name: 'Trouble', minutes: 3, look: async () => seen.shift() };
    const { attempts, start, world } = telling(async () => undefined, [sight]);
    await start();
    await world.advance(5 * MINUTE_MS);
    expect(attempts).toHaveLength(0);
    await world.advance(MINUTE_MS);
    expect(attempts).toMatchObject([{ text: 'Evenkeel on localhost: fourth' }]);
  });

  it('goes on looking at everything where one look fails', async () => {
    const sights: Sight[] = [
      { name: 'Broken', minutes: 1, look: () => Promise.reject(new Error('unreadable')) },
      { name: 'Trouble', minutes: 1, look: async () => 'it is wrong' },
    ];
    const { attempts, start, world, lines } = telling(async () => undefined, sights);
    await start();
    await world.advance(0);
    expect(attempts).toHaveLength(1);
    expect(lines).toContainEqual(expect.objectContaining({ errorMessage: 'unreadable' }));
  });
});
