import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { Ulids } from '#shared/world/ulids.ts';
import { Hearing } from './hearing.ts';
import { triggerHome } from './testing/trigger-home.ts';

type Heard = { detail: { fromMs: number; untilMs: number } };

function hearingOf(serve: (event: Heard) => Promise<unknown>) {
  const home = triggerHome();
  const { world, store, log } = home;
  const table = store.table({ name: 'host' });
  const begin = () => new Hearing({ table, world, ids: new Ulids(world), log, everySeconds: 1 });
  const listener = home.pool(serve);
  const tell = (hearing: Hearing) => hearing.tellInterruption(() => [listener]);
  return { ...home, begin, tell };
}

describe('hearing', () => {
  it('is interrupted from the last mark before the end until the beginning', async () => {
    const told: Heard['detail'][] = [];
    const { begin, tell, done, world } = hearingOf(async ({ detail }) => told.push(detail));
    const first = begin();
    await done(tell(first));
    expect(told).toEqual([]);
    first.start();
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
});
