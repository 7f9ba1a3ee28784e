import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';
import { verifiedAudit } from '../../../cli/actions/audit.ts';
import { showRollout } from '../../../cli/actions/rollouts.ts';
import { watchRollout } from '../../../cli/actions/watch-rollout.ts';
import type { Parts } from './parts.ts';

/** Seconds instead of minutes; the method and its defaults stay. */
const SCALED_DOWN = {
  selector: 'hardware = "cam-rev-b"',
  halt: { suspectAtLeast: '1s', silentAfter: '10s', installWithin: '60s' },
  permitFor: '120s',
  settle: '120s',
};
const LOOK_EVERY_MS = 1_000;
/** Half a minute on two idle cores. */
const WITHIN_MS = 600_000;

/** The story of the demo in small: a release that is good for all, and one on which every other device goes dark. */
export function describeReleases({ bench }: Parts): void {
  const watch = async (rollout: string) =>
    watchRollout(bench().client, rollout, () => undefined, { intervalMs: LOOK_EVERY_MS });
  /** Until every attempt has ended: a rollout halts before the last silence is scored. */
  const untilResolved = async (rollout: string): Promise<RolloutView> => {
    for (;;) {
      const view = await showRollout(bench().client, rollout);
      const { granted, installing } = view.counts;
      if (granted + installing === 0) return view;
      await pause(realWorld, LOOK_EVERY_MS);
    }
  };

  describe('a good release, on the AWS capabilities (EventBridge, KMS, IoT registry and data plane are stubs)', () => {
    let bytes: Buffer;
    let view: RolloutView;

    beforeAll(async () => {
      bytes = await bench().release('2.0.0');
      const rollout = await bench().rollOut('2.0.0', {
        ...SCALED_DOWN,
        stages: [
          { name: 'canary', percent: '25%', gate: { bake: '1s' } },
          { name: 'all', percent: '100%' },
        ],
      });
      view = await watch(rollout);
    }, WITHIN_MS);

    test('completes, with every device proven and none counted twice', () => {
      const { good, ...others } = view.counts;
      expect([view.state, view.reason]).toEqual(['completed', undefined]);
      expect(good).toBe(bench().fleet.devices.length);
      expect(Object.values(others).every((count) => count === 0)).toBe(true);
    });

    test(
      'has every decision in the audit log, sealed with the key of KMS',
      async () => {
        const audit = () => verifiedAudit(bench().client, view.rollout, [], realWorld.now());
        let { texts, verdict } = await audit();
        while (verdict.waiting > 0) {
          await pause(realWorld, LOOK_EVERY_MS);
          ({ texts, verdict } = await audit());
        }
        expect(texts.map((text) => JSON.parse(text).action)).toEqual(
          expect.arrayContaining(['create', 'launch', 'open-stage', 'complete']),
        );
        expect(verdict).toMatchObject({ sealed: texts.length, faults: [] });
      },
      WITHIN_MS,
    );

    test('is what every device truly runs: the bytes that were uploaded', () => {
      const digest = createHash('sha256').update(bytes).digest('hex');
      for (const device of bench().fleet.devices)
        expect(device).toMatchObject({ version: '2.0.0', digest, confirmed: true, state: 'running' });
    });
  });

  describe('a release on which every other device goes dark', () => {
    let view: RolloutView;

    beforeAll(async () => {
      await bench().release('3.0.0');
      const stages = [{ name: 'all', percent: '100%' }];
      const rollout = await bench().rollOut('3.0.0', { ...SCALED_DOWN, stages });
      await watch(rollout);
      view = await untilResolved(rollout);
    }, WITHIN_MS);

    test('halts by itself, and says how many were bad', () => {
      expect(view.state).toBe('halted');
      expect(view.reason).toMatch(/\d of \d bad/);
    });

    test('has every dark device counted as silent, and no other', () => {
      const bricked = bench().fleet.devices.filter(({ state }) => state === 'bricked');
      expect(bricked.length).toBeGreaterThan(0);
      expect(view.counts.silent + view.counts.lost).toBe(bricked.length);
    });

    test('leaves all other devices running', () => {
      const states = bench().fleet.devices.map(({ state }) => state);
      expect(states.filter((state) => state !== 'bricked')).toEqual(expect.arrayContaining(['running']));
      expect(new Set(states)).toEqual(new Set(['running', 'bricked']));
    });
  });
}
