import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { verifiedAudit } from '../../../cli/actions/audit.ts';
import { auditOfRollout } from '../../../cli/actions/audit-sources.ts';
import { rolloutFailures } from '../../../cli/actions/rollout-failures.ts';
import {
  controlRollout,
  devicesOfRollout,
  resumeRollout,
  showRollout,
} from '../../../cli/actions/rollouts.ts';
import { watchRollout } from '../../../cli/actions/watch-rollout.ts';
import { failSendingTo, REPORTS, sendReportsAgain, untilLetter } from '../story/dead-letters.ts';
import { BAD_VERSION, FAILURE, FIRST_PILOT, PILOT, PILOTS } from '../story/fleet.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';

/** Seconds instead of minutes; the method and its defaults stay. */
export const SCALED_DOWN = {
  halt: { suspectAtLeast: '1s', silentAfter: '10s', installWithin: '60s' },
  permitFor: '120s',
  settle: '120s',
};
const LOOK_EVERY_MS = 1_000;

interface Story {
  readonly rollout: string;
  readonly ended: Promise<RolloutView>;
}

/**
 * The story of the demo in small: a release that is good for all, and one on which every other device goes dark. Silence is
 * scored only when a minute has shown that no report is left unread: `meanwhile` says what happens until then.
 */
export function describeReleases(
  { home, maker }: Parts,
  meanwhile: (goodRollout: () => string) => void,
): { readonly badRollout: () => string } {
  let bytes: Buffer;
  let good: Story;
  let lost: Promise<void>;
  let bad: Story;
  const badRollout = () => bad.rollout;

  const watch = (rollout: string) =>
    watchRollout(maker().client, rollout, () => undefined, { intervalMs: LOOK_EVERY_MS });
  const begin = async (version: string, document: Readonly<Record<string, unknown>>): Promise<Story> => {
    const rollout = await maker().rollOut(version, { ...SCALED_DOWN, ...document });
    const ended = watch(rollout);
    // Whoever waits for it hears of it.
    ended.catch(() => undefined);
    return { rollout, ended };
  };
  /** Until every attempt has ended: a rollout halts before the last silence is scored. */
  const untilResolved = async (rollout: string): Promise<RolloutView> => {
    let view = await showRollout(maker().client, rollout);
    await until('every attempt has ended', async () => {
      view = await showRollout(maker().client, rollout);
      return view.counts.granted + view.counts.installing === 0;
    });
    return view;
  };

  describe('two releases, on the AWS capabilities (EventBridge, KMS, IoT registry and data plane are stubs)', () => {
    beforeAll(async () => {
      bytes = await maker().release('2.0.0');
      // The first reports do not get into the raw log.
      const restore = failSendingTo(home(), 'report-log');
      lost = untilLetter(home(), 'orchestrator-dead', REPORTS).finally(restore);
      lost.catch(() => undefined);
      good = await begin('2.0.0', {
        selector: `hardware = "cam-rev-b" and not tag("${PILOT}")`,
        permits: 'direct',
        stages: [
          { name: 'canary', percent: '25%', gate: { bake: '1s' } },
          { name: 'all', percent: '100%' },
        ],
      });
      await maker().release(BAD_VERSION);
      bad = await begin(BAD_VERSION, {
        selector: `tag("${PILOT}")`,
        stages: [
          { name: 'first', tag: FIRST_PILOT },
          { name: 'all', percent: '100%' },
        ],
      });
      const { client } = maker();
      await until('the first pilot has failed', async () => {
        return (await showRollout(client, bad.rollout)).counts.failed === 1;
      });
      await controlRollout(client, bad.rollout, 'advance', 'one of one says little');
    }, WITHIN_MS);

    describe('a good one', () => {
      let view: RolloutView;
      beforeAll(async () => {
        view = await good.ended;
      }, WITHIN_MS);
      const others = () => maker().fleet.devices.slice(PILOTS);

      test('completes, with every device proven and none counted twice', () => {
        const { good: proven, ...rest } = view.counts;
        expect([view.state, view.reason]).toEqual(['completed', undefined]);
        expect(proven).toBe(others().length);
        // A permit that a busy machine delivers too late is void: its device asks again, and it is no place that was taken.
        const counted = Object.entries(rest).filter(([name, count]) => name !== 'void' && count !== 0);
        expect(counted).toEqual([]);
      });

      test(
        'has every decision in the audit log, sealed with the key of KMS',
        async () => {
          const audit = () =>
            verifiedAudit(auditOfRollout(maker().client, view.rollout), [], realWorld.now());
          await until('all of it is sealed', async () => (await audit()).verdict.waiting === 0);
          const { texts, verdict } = await audit();
          expect(texts.map((text) => JSON.parse(text).action)).toEqual(
            expect.arrayContaining(['create', 'launch', 'open-stage', 'complete']),
          );
          expect(verdict).toMatchObject({ sealed: texts.length, faults: [] });
        },
        WITHIN_MS,
      );

      test(
        'goes on when the raw log takes no reports, which lie with the dead letters and are sent again',
        async () => {
          await lost;
          expect(await sendReportsAgain(home())).toBeGreaterThan(0);
        },
        WITHIN_MS,
      );

      test('is what its devices truly run: the bytes that were uploaded', () => {
        const digest = createHash('sha256').update(bytes).digest('hex');
        for (const device of others())
          expect(device).toMatchObject({ version: '2.0.0', digest, confirmed: true, state: 'running' });
      });
    });

    meanwhile(() => good.rollout);

    describe('one on which every other device goes dark', () => {
      let view: RolloutView;
      beforeAll(async () => {
        await bad.ended;
        view = await untilResolved(bad.rollout);
      }, WITHIN_MS);
      const pilots = () => maker().fleet.devices.slice(0, PILOTS);
      const dark = () => pilots().filter(({ state }) => state === 'bricked');

      test('halts by itself, and says how many were bad', () => {
        expect(view.state).toBe('halted');
        expect(view.reason).toMatch(/\d of \d bad/);
      });

      test('has every dark device counted as silent, and no other', () => {
        expect(dark().length).toBeGreaterThan(0);
        expect(view.counts.silent + view.counts.lost).toBe(dark().length);
      });

      test('has them on a list, by name', async () => {
        const names = async (end: 'silent' | 'lost') => {
          const { devices } = await devicesOfRollout(maker().client, bad.rollout, { end, limit: 100 });
          return devices.map(({ deviceId }) => deviceId);
        };
        const listed = [...(await names('silent')), ...(await names('lost'))];
        expect(listed.sort()).toEqual(
          dark()
            .map(({ deviceId }) => deviceId)
            .sort(),
        );
      });

      test('leaves all other devices running', () => {
        const states = maker().fleet.devices.map(({ state }) => state);
        expect(new Set(states)).toEqual(new Set(['running', 'bricked']));
      });

      test(
        'tells how its devices failed, in their own words where they had any',
        async () => {
          await until('the failure is counted', async () => {
            const found = await rolloutFailures(maker().client, view);
            return found.some(({ reason, count }) => reason === FAILURE && count === 1);
          });
        },
        WITHIN_MS,
      );

      test(
        'goes on when what failed is excused, until it is aborted',
        async () => {
          const excuse = { devices: dark().map(({ deviceId }) => deviceId), reasons: [FAILURE] };
          const { client } = maker();
          const resumed = await resumeRollout(client, bad.rollout, 'a power cut in the test room', excuse);
          expect(resumed.state).toBe('running');
          const aborted = await controlRollout(client, bad.rollout, 'abort', 'it was the firmware after all');
          expect(aborted.state).toBe('aborted');
        },
        WITHIN_MS,
      );
    });
  });
  return { badRollout };
}
