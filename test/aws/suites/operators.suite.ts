import { describe, expect, test } from '@jest/globals';
import { ListDeviceReports, ListRolloutReports } from '#shared/contracts/api/telemetry.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import {
  approveRollout,
  controlRollout,
  explainDevice,
  launchRollout,
  listRollouts,
  resumeRollout,
  rolloutCost,
  showRollout,
} from '../../../cli/actions/rollouts.ts';
import { Maker } from '../story/maker.ts';
import { until } from '../story/until.ts';
import { describeDevices } from './devices.suite.ts';
import { describeFirmware } from './firmware.suite.ts';
import type { Parts } from './parts.ts';
import { SCALED_DOWN } from './releases.suite.ts';

const WITHIN_MS = 120_000;
/** Nobody has it: the rollout of this suite serves no device. */
const SELECTOR = 'tag("nobody")';

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
        const day = new Date().toISOString().slice(0, 10);
        const ofRollout = async () => {
          const params = { rollout: goodRollout() };
          return (await client().call(ListRolloutReports, { params, query: { day } })).reports;
        };
        await until('its reports are in the log', async () => (await ofRollout()).length > 0);
        const [first] = await ofRollout();
        const params = { deviceId: first?.thing.split(':')[1] ?? '' };
        const { reports } = await client().call(ListDeviceReports, { params, query: { day } });
        expect(reports).toContainEqual(first);
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
