import { describe, expect, test } from '@jest/globals';
import { ListDeviceReports, ListRolloutReports } from '#shared/contracts/api/telemetry.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { realWorld } from '#shared/world/real-world.ts';
import {
  approveRollout,
  controlRollout,
  countDraft,
  explainDevice,
  launchRollout,
  listRollouts,
  resumeRollout,
  rolloutCost,
  showRollout,
} from '../../../cli/actions/rollouts.ts';
import { Maker } from '../story/maker.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import { describeDevices } from './devices.suite.ts';
import { describeFirmware } from './firmware.suite.ts';
import type { Parts } from './parts.ts';
import { SCALED_DOWN } from './releases.suite.ts';

/** Nobody has it: the rollout of this suite serves no device. */
const SELECTOR = 'tag("nobody")';
const DAY_MS = 24 * 60 * 60 * 1000;

/** Reports of today and of the day before: they may have been told before midnight. */
async function onEitherDay<Report>(
  reportsOf: (query: { readonly day: string }) => Promise<{ readonly reports: readonly Report[] }>,
): Promise<readonly Report[]> {
  const nowMs = realWorld.now();
  const days = [nowMs - DAY_MS, nowMs].map((atMs) => new Date(atMs).toISOString().slice(0, 10));
  const told = await Promise.all(days.map((day) => reportsOf({ day })));
  return told.flatMap(({ reports }) => reports);
}

/** What people do beside rollouts that go by themselves: every route of the API, with its devices and its firmware. */
export function describeOperators(parts: Parts, goodRollout: () => string): void {
  const { home, maker } = parts;
  const client = () => maker().client;

  describeDevices(parts);
  describeFirmware(parts);

  describe('a rollout in the hands of an operator', () => {
    test(
      'is drafted, approved, launched, paused, resumed, moved on, explained, listed and aborted',
      async () => {
        const stages = [
          { name: 'first', percent: '50%', gate: { bake: '1h' } },
          { name: 'all', percent: '100%' },
        ];
        const document = { ...SCALED_DOWN, selector: SELECTOR, stages, approvals: 1 };
        const rollout = await maker().draft('3.0.0', document);
        await expect(launchRollout(client(), rollout)).rejects.toMatchObject({ status: 409 });
        const previewOf = async () => (await showRollout(client(), rollout)).preview?.state;
        await until('it is counted', async () => (await previewOf()) === 'counted');
        expect((await countDraft(client(), rollout)).state).toBe('draft');
        const approver = Maker.clientOf(home(), await home().token('approver'));
        const { approvals } = await approveRollout(approver, await showRollout(approver, rollout));
        approver.close();
        expect(approvals).toMatchObject({ missing: 0, given: [{ by: 'operator:approver' }] });
        await launchRollout(client(), rollout);
        const states = [];
        states.push((await controlRollout(client(), rollout, 'pause', 'lunch')).state);
        states.push((await resumeRollout(client(), rollout, 'back')).state);
        const moved = await controlRollout(client(), rollout, 'advance', 'in a hurry');
        states.push(moved.stages[1]?.state);
        expect((await explainDevice(client(), 'cam-0001')).rollouts.length).toBeGreaterThan(0);
        expect(await listRollouts(client(), 1)).toHaveLength(1);
        expect((await listRollouts(client(), 10)).length).toBeGreaterThan(2);
        expect(await rolloutCost(client(), rollout)).toMatchObject({ rollout, basis: expect.any(String) });
        states.push((await controlRollout(client(), rollout, 'abort', 'a mistake')).state);
        expect(states).toEqual(['paused', 'running', 'open', 'aborted']);
        expect((await showRollout(client(), rollout)).reason).toBe('a mistake');
      },
      WITHIN_MS,
    );

    test(
      'has the reports of its devices in a log, by device and by rollout',
      async () => {
        const ofRollout = (query: { readonly day: string }) =>
          client().call(ListRolloutReports, { params: { rollout: goodRollout() }, query });
        await until('its reports are in the log', async () => (await onEitherDay(ofRollout)).length > 0);
        const [first] = await onEitherDay(ofRollout);
        const params = { deviceId: first?.thing.split(':')[1] ?? '' };
        const ofDevice = (query: { readonly day: string }) =>
          client().call(ListDeviceReports, { params, query });
        expect(await onEitherDay(ofDevice)).toContainEqual(first);
      },
      WITHIN_MS,
    );
  });

  test(
    'a home that could not hear its devices says so',
    async () => {
      const [detail] = HearingInterrupted.examples;
      const { source, type } = HearingInterrupted;
      await home().publish({ source, type, detail: { ...detail } });
      const { arn } = home().callers.ofRole(home().roleOf('rollout-orchestrator/onHearingInterrupted'));
      await until('it is noted', () => home().callers.ofRole(arn).used.length > 0);
    },
    WITHIN_MS,
  );

  test(
    'a home whose tables were restored from a backup has its rollouts paused',
    async () => {
      const stages = [{ name: 'all', percent: '100%' }];
      const rollout = await maker().rollOut('3.0.0', { ...SCALED_DOWN, selector: SELECTOR, stages });
      const { source, type, examples } = HearingInterrupted;
      const detail = examples.find(({ restoredFromMs }) => restoredFromMs !== undefined);
      await home().publish({ source, type, detail: { ...detail } });
      await until('it is paused', async () => (await showRollout(client(), rollout)).state === 'paused');
      await controlRollout(client(), rollout, 'abort', 'only for this');
    },
    WITHIN_MS,
  );
}
