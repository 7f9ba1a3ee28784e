import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';
import { explainDevice, showRollout } from '../../cli/actions/rollouts.ts';
import { watchRollout } from '../../cli/actions/watch-rollout.ts';
import { exposedOf } from '../../cli/print/rollout.ts';
import { Bench } from './bench.ts';

const DEVICES = 40;
const FIRST_WINDOW = 10;
const SILENT_AFTER_MS = 8_000;

/** What is seen of a rollout from outside, at every look. */
interface Look {
  readonly exposed: number;
  readonly good: number;
  readonly view: RolloutView;
}

describe('a host that is killed in the middle of a rollout', () => {
  let bench: Bench;
  let rollout: string;
  const looks: Look[] = [];

  beforeAll(async () => {
    bench = await Bench.start(DEVICES);
    rollout = await bench.rollOut('2.0.0', {
      stages: [{ name: 'all', percent: '100%' }],
      halt: { suspectAtLeast: '1s', silentAfter: `${SILENT_AFTER_MS}ms`, installWithin: '10s' },
      permitFor: '30s',
      settle: '60s',
    });
  }, 60_000);

  afterAll(async () => {
    await bench.stop();
  });

  /** Watches until so many devices are exposed, then cuts the power; answers what was last seen. */
  async function killAt(exposed: number): Promise<Look> {
    const stop = new AbortController();
    await watchRollout(
      bench.client,
      rollout,
      (view) => {
        note(view);
        if (exposedOf(view.counts) >= exposed) stop.abort();
      },
      { intervalMs: 50, stop: stop.signal },
    );
    await bench.kill();
    return looks.at(-1) as Look;
  }

  function note(view: RolloutView): void {
    looks.push({ exposed: exposedOf(view.counts), good: view.counts.good, view });
  }

  test('goes on, loses nothing and counts nobody twice, also after being down longer than silentAfter', async () => {
    const first = await killAt(5);
    await bench.restart();
    note(await showRollout(bench.client, rollout));
    expect(looks.at(-1)?.good).toBeGreaterThanOrEqual(first.good);

    const second = await killAt(25);
    await pause(realWorld, SILENT_AFTER_MS + 2_000);
    await bench.restart();
    note(await showRollout(bench.client, rollout));
    expect(looks.at(-1)?.view.state).toBe('running');
    expect(looks.at(-1)?.good).toBeGreaterThanOrEqual(second.good);

    const last = await watchRollout(bench.client, rollout, note, { intervalMs: 200 });
    expect(last.state).toBe('completed');
    expect(last.counts).toMatchObject({ good: DEVICES, failed: 0, reverted: 0, silent: 0, lost: 0 });
    expect(bench.fleet.devices.filter(({ version }) => version === '2.0.0')).toHaveLength(DEVICES);
  }, 120_000);

  test('no window, ceiling or counter was ever passed, as seen from outside', () => {
    const goods = looks.map(({ good }) => good);
    expect(goods).toEqual(goods.toSorted((a, b) => a - b));
    for (const { exposed, view } of looks) {
      expect(exposed).toBeLessThanOrEqual(view.stages[0]?.ceiling ?? 0);
      expect(view.window.used).toBeLessThanOrEqual(Math.max(view.window.size, FIRST_WINDOW));
    }
  });

  test('the rows say the same as the counters: one good attempt for each device', async () => {
    for (const { deviceId } of bench.fleet.devices) {
      const { attempts } = await explainDevice(bench.client, deviceId);
      expect(attempts).toMatchObject([{ rollout, state: 'good', recovered: false }]);
    }
  });
});
