import { describe, expect, it } from '@jest/globals';
import { compilePattern } from '#host/events/pattern.ts';
import type { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { OnGivenUp } from '../given-up.ts';
import { triggerHome } from '../testing/trigger-home.ts';
import { EventTrigger } from './event-trigger.ts';

function ruleFor(serve: (event: { detail: { n: number } }) => Promise<unknown>, maximumRetryAttempts = 3) {
  const home = triggerHome();
  const { store, world, log } = home;
  const givenUp: unknown[] = [];
  const conditions: string[] = [];
  const onGivenUp: OnGivenUp = async (event, { condition }) => {
    givenUp.push(event);
    conditions.push(condition);
  };
  const matches = compilePattern({ source: ['evenkeel.test'], 'detail-type': ['Counted'] });
  const queue = store.bus.subscribe('test', matches);
  const open = () =>
    new EventTrigger(
      'test',
      { queue, pool: home.pool(serve), world, log, onGivenUp },
      { maximumRetryAttempts, maximumEventAgeSeconds: 3_600 },
    );
  const publish = (n: number, type = 'Counted') =>
    home.done(store.bus.publish([{ id: `id-${n}`, source: 'evenkeel.test', type, detail: { n } }]));
  return { ...home, givenUp, conditions, trigger: open(), open, publish };
}

describe('a rule of the bus', () => {
  it('hands the events that match its pattern to the function, one an invocation', async () => {
    const seen: number[] = [];
    const { trigger, publish } = ruleFor(async (event) => seen.push(event.detail.n));
    trigger.start();
    await publish(1);
    await publish(2, 'SomethingElse');
    await publish(3);
    expect(seen.sort()).toEqual([1, 3]);
  });

  it('delivers what was published while nobody listened', async () => {
    const seen: number[] = [];
    const { trigger, publish, world } = ruleFor(async (event) => seen.push(event.detail.n));
    await publish(1);
    trigger.start();
    await world.settle();
    expect(seen).toEqual([1]);
  });

  it('tries again with longer and longer pauses until it succeeds', async () => {
    const atMs: number[] = [];
    const { trigger, publish, world, givenUp } = ruleFor(async () => {
      atMs.push(world.now());
      if (atMs.length < 3) throw new Error('not yet');
    });
    trigger.start();
    await publish(1);
    await world.advance(60_000);
    expect(atMs).toHaveLength(3);
    expect(givenUp).toEqual([]);
  });

  it('gives the event up when its attempts are used up', async () => {
    let attempts = 0;
    const { trigger, publish, world, givenUp, conditions } = ruleFor(async () => {
      attempts += 1;
      throw new Error('never');
    }, 2);
    trigger.start();
    await publish(7);
    await world.advance(300_000);
    expect(attempts).toBe(3);
    expect(givenUp).toMatchObject([{ id: 'id-7', detail: { n: 7 } }]);
    expect(conditions).toEqual(['RetriesExhausted']);
  });

  it('gives the event up when it is too old, and says so', async () => {
    const fails = async () => {
      throw new Error('never');
    };
    const { trigger, publish, world, givenUp, conditions } = ruleFor(fails, 185);
    trigger.start();
    await publish(7);
    await world.advance(3_500_000);
    expect(givenUp).toEqual([]);
    await world.advance(7_200_000);
    expect(givenUp).toMatchObject([{ id: 'id-7' }]);
    expect(conditions).toEqual(['EventAgeExceeded']);
  });

  it.each([
    ['the clock was set ahead', async (world: VirtualWorld) => world.putClock(7_200_000)],
    ['the host was off', (world: VirtualWorld) => world.advance(7_200_000)],
  ])('tries again what fails after %s for longer than an event may be old', async (_, passes) => {
    let calls = 0;
    const failsOnce = async () => {
      calls += 1;
      if (calls === 1) throw new Error('once');
    };
    const { open, publish, world, givenUp } = ruleFor(failsOnce);
    await publish(7);
    await passes(world);
    open().start();
    await world.advance(60_000);
    expect([calls, givenUp]).toEqual([2, []]);
  });
});
