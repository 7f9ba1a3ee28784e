import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { Ulids } from '#shared/world/ulids.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { ClockWatch } from './clock-watch.ts';
import { Hearing } from './hearing.ts';
import { triggerHome } from './testing/trigger-home.ts';
import { WorldClock } from './world-clock.ts';

type Heard = { detail: { fromMs: number; untilMs: number } };

function hearingOf(serve: (event: Heard) => Promise<unknown>, world = new VirtualWorld()) {
  const home = triggerHome(world);
  const { store, log } = home;
  const table = store.table({ name: 'host' });
  const counts = { taken: 0, lost: 0 };
  const listener = home.pool(serve);
  const running = home.pool((work: Promise<void>) => work);
  const begin = (clock = new ClockWatch(world)) =>
    new Hearing({
      table,
      world,
      ids: new Ulids(world),
      log,
      everySeconds: 1,
      clock,
      ended: () => running.ended(),
      counts: () => ({ ...counts }),
    });
  const tell = (hearing: Hearing) => hearing.tellInterruption(() => [listener]);
  const start = (hearing: Hearing) => hearing.start(() => [listener]);
  return { ...home, begin, tell, start, running, counts };
}

/** A world whose wall clock can be set. */
class SetClock extends VirtualWorld {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe('hearing', () => {
  it('is interrupted from the last mark before the end until the beginning', async () => {
    const told: Heard['detail'][] = [];
    const { begin, tell, done, world } = hearingOf(async ({ detail }) => told.push(detail));
    const first = begin();
    await done(tell(first));
    expect(told).toEqual([]);
    first.start(() => []);
    await world.advance(10_500);
    // Killed here: nobody has said goodbye.
    const lastMarkMs = world.now() - 500;
    const second = begin();
    await done(tell(second));
    expect(told).toMatchObject([{ fromMs: lastMarkMs, untilMs: world.now() }]);
  });

  it('tries again when who must know cannot take it, and goes on only then', async () => {
    let attempts = 0;
    const { begin, tell, done, world } = hearingOf(async () => {
      attempts += 1;
      if (attempts < 3) throw new Error('not yet');
    });
    await done(tell(begin()));
    const telling = tell(begin());
    await world.advance(5_000);
    await telling;
    expect(attempts).toBe(3);
  });

  it('keeps the host from starting when who must know cannot be told at all, and does not forget it', async () => {
    const told: Heard['detail'][] = [];
    let isBroken = true;
    const { begin, tell, done, world } = hearingOf(async ({ detail }) => {
      if (isBroken) throw new Error('never');
      told.push(detail);
    });
    await done(tell(begin()));
    const endedMs = world.now();
    const hearing = begin();
    const refused = expect(tell(hearing)).rejects.toThrow(ConfigurationError);
    await world.advance(120_000);
    await refused;
    await done(hearing.stop());
    isBroken = false;
    await done(tell(begin()));
    expect(told).toMatchObject([{ fromMs: endedMs }]);
  });

  it('is interrupted while more than one message of a hundred is lost, told every ten seconds', async () => {
    const told: Heard['detail'][] = [];
    const { begin, start, tell, done, world, counts } = hearingOf(async ({ detail }) => told.push(detail));
    const hearing = begin();
    await done(tell(hearing));
    start(hearing);
    Object.assign(counts, { taken: 1_000, lost: 10 });
    await world.advance(11_000);
    expect(told).toEqual([]);
    Object.assign(counts, { taken: 2_000, lost: 21 });
    await world.advance(10_000);
    Object.assign(counts, { taken: 2_001, lost: 22 });
    await world.advance(10_000);
    expect(told.map(({ fromMs, untilMs }) => untilMs - fromMs)).toEqual([10_000, 10_000]);
    await world.advance(60_000);
    expect(told).toHaveLength(2);
  });

  it('is interrupted for as long as the clock was set ahead while it runs, and told once', async () => {
    const told: Heard['detail'][] = [];
    const clock = new SetClock();
    const { begin, start, tell, done, lines } = hearingOf(async ({ detail }) => told.push(detail), clock);
    const hearing = begin();
    await done(tell(hearing));
    start(hearing);
    await clock.advance(10_000);
    clock.aheadMs = 3_600_000;
    await clock.advance(10_000);
    const [heard] = told;
    expect(told).toHaveLength(1);
    expect(heard && heard.untilMs - heard.fromMs).toBe(3_600_000);
    expect(clock.now() - (heard?.untilMs ?? 0)).toBeLessThanOrEqual(10_000);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: expect.stringContaining('clock'),
        setBySeconds: 3_600,
      }),
    );
  });

  it('keeps functions waiting until each time that the clock was set ahead was told', async () => {
    const told: number[] = [];
    const clock = new SetClock();
    const { begin, start, tell, done } = hearingOf(async ({ detail }) => {
      told.push(detail.untilMs - detail.fromMs);
      if (told.length === 1) clock.aheadMs += 7_200_000;
    }, clock);
    const hearing = begin();
    await done(tell(hearing));
    start(hearing);
    expect(hearing.untold()).toBeUndefined();
    clock.aheadMs = 3_600_000;
    await done(hearing.untold() ?? Promise.resolve());
    expect(told).toEqual([3_600_000, 7_200_000]);
    expect(hearing.untold()).toBeUndefined();
  });

  it('waits for what began by the clock before, to which the clock stands still until it is told', async () => {
    const told: Heard['detail'][] = [];
    const clock = new SetClock();
    const { begin, start, tell, done, running } = hearingOf(async ({ detail }) => told.push(detail), clock);
    const watch = new ClockWatch(clock);
    const time = new WorldClock(clock, watch);
    const hearing = begin(watch);
    await done(tell(hearing));
    start(hearing);
    const work = Promise.withResolvers<void>();
    const answer = running.invoke(work.promise);
    clock.aheadMs = 3_600_000;
    const beforeMs = clock.now() - clock.aheadMs;
    const goesOn = hearing.untold();
    await clock.advance(10_000);
    expect(told).toEqual([]);
    expect(time.now()).toBe(beforeMs + 10_000);
    work.resolve();
    await done(Promise.all([answer, goesOn]));
    expect(told).toMatchObject([{ fromMs: beforeMs + 10_000, untilMs: clock.now() }]);
    expect(time.now()).toBe(clock.now());
  });

  it('is told again of a clock that was set ahead, until somebody could take it', async () => {
    let attempts = 0;
    const clock = new SetClock();
    const { begin, start, tell, done } = hearingOf(async () => {
      attempts += 1;
      if (attempts <= 10) throw new Error('not yet');
    }, clock);
    const hearing = begin();
    await done(tell(hearing));
    start(hearing);
    clock.aheadMs = 3_600_000;
    await clock.advance(600_000);
    expect(attempts).toBe(11);
  });

  it('says of a clock that was put back by how much, and tells nobody', async () => {
    const told: Heard['detail'][] = [];
    const clock = new SetClock();
    const { begin, start, tell, done, lines } = hearingOf(async ({ detail }) => told.push(detail), clock);
    const hearing = begin();
    await done(tell(hearing));
    start(hearing);
    clock.aheadMs = -3_600_000;
    await clock.advance(10_000);
    expect(told).toEqual([]);
    expect(lines).toContainEqual(expect.objectContaining({ setBySeconds: -3_600 }));
  });

  it('knows of a clock that stands before the time until which the host has run, but for seconds', async () => {
    const clock = new SetClock();
    const { begin, tell, done } = hearingOf(async () => undefined, clock);
    await done(tell(begin()));
    const ranUntilMs = clock.now();
    const ranUntilAfter = async (aheadMs: number) => {
      clock.aheadMs = aheadMs;
      const hearing = begin();
      await done(tell(hearing));
      return hearing.ranUntilMs;
    };
    expect(await ranUntilAfter(-60_000)).toBeUndefined();
    expect(await ranUntilAfter(0)).toBeUndefined();
    expect(await ranUntilAfter(-3_600_000)).toBe(ranUntilMs);
    expect(await ranUntilAfter(-3_600_000)).toBeUndefined();
  });

  it('is not interrupted by a clock that is set by seconds to and fro', async () => {
    const told: Heard['detail'][] = [];
    const clock = new SetClock();
    const { begin, start, tell, done, lines } = hearingOf(async ({ detail }) => told.push(detail), clock);
    const hearing = begin();
    await done(tell(hearing));
    start(hearing);
    for (let step = 0; step < 100; step += 1) {
      clock.aheadMs += step % 2 === 0 ? 20_000 : -19_000;
      await clock.advance(1_000);
    }
    expect(told).toEqual([]);
    expect(lines).toEqual([]);
  });
});
