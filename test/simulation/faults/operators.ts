import { approveAndLaunch } from '../operators/approvers.ts';
import type { RolloutPlan } from '../run/scenario.ts';
import type { RandomStream } from '../world/random-stream.ts';
import type { Fault } from './fault.ts';
import { atAnyMoment, atTheWorstMoment } from './worst-moment.ts';

const LATER_MS = 300_000;

export const pauses: Fault = {
  name: 'operator-pauses',
  what: 'an operator pauses a rollout at the worst moment, and resumes it some minutes later',
  most: 0.3,
  begin: (stage, chance) =>
    atTheWorstMoment(stage, chance, async (rollout, tenant) => {
      await stage.operator.call(tenant, 'POST', `/rollouts/${rollout}/pause`, { reason: 'worst moment' });
      await chance.pause(chance.upTo(LATER_MS));
      await stage.operator.insist(tenant, 'POST', `/rollouts/${rollout}/resume`, { reason: 'go on' });
    }),
};

export const aborts: Fault = {
  name: 'operator-aborts',
  what: 'an operator aborts a rollout at the worst moment',
  most: 0.1,
  begin: (stage, chance) =>
    atTheWorstMoment(stage, chance, async (rollout, tenant) => {
      await stage.operator.call(tenant, 'POST', `/rollouts/${rollout}/abort`, { reason: 'worst moment' });
    }),
};

export const rollsOutAgain: Fault = {
  name: 'operator-rolls-out-again',
  what: 'a rollout is aborted at the worst moment, and its release rolled out again without a hold-out of its own',
  most: 0.3,
  begin: (stage, chance) => {
    const again = new Set<string>();
    atTheWorstMoment(stage, chance, async (rollout, tenant) => {
      const plan = stage.scenario.rollouts.find((one) => one.tenant === tenant);
      if (plan === undefined || again.has(tenant)) return;
      again.add(tenant);
      const { holdOut: _not, ...document } = plan.document;
      await stage.operator.insist(tenant, 'POST', `/rollouts/${rollout}/abort`, { reason: 'once more' });
      const created = await stage.operator.insist(tenant, 'POST', '/rollouts', { document });
      if (created.status !== 201) return;
      const draft = created.body;
      if (draft.approvals !== undefined)
        await approveAndLaunch(stage.operator, { tenant, draft }, chance.stream);
      else await stage.operator.insist(tenant, 'POST', `/rollouts/${draft.rollout}/launch`);
    });
  },
};

/** Another document of the same release, as somebody writes it who would change the one that runs. */
function changed(document: RolloutPlan['document'], stream: RandomStream): RolloutPlan['document'] {
  const { holdOut: _not, ...kept } = document;
  return {
    ...kept,
    priority: Number(document.priority) + stream.pick([-50, 50]),
    pace: { firstWindow: stream.whole(1, 4), growth: 1, perMinute: 60 },
    stages: stream.happens(0.5) ? [{ name: 'all', percent: '100%' }] : document.stages,
  };
}

export const launchesBeside: Fault = {
  name: 'operator-launches-beside',
  what: 'somebody who would change a rollout that runs launches another document of its release beside it, and may pause that for a while',
  most: 0.5,
  begin: (stage, chance) => {
    const { operator, scenario } = stage;
    const done = new Set<string>();
    atAnyMoment(stage, chance, async (tenant, thing) => {
      const version = stage.rolloutOf(thing)?.release.version;
      const plan = scenario.rollouts.find(
        (one) => one.tenant === tenant && one.version === (version ?? one.version),
      );
      if (plan === undefined || done.has(tenant)) return;
      done.add(tenant);
      const document = changed(plan.document, chance.stream);
      const { status, body: draft } = await operator.insist(tenant, 'POST', '/rollouts', { document });
      if (status !== 201) return;
      if (draft.approvals !== undefined) await approveAndLaunch(operator, { tenant, draft }, chance.stream);
      else await operator.insist(tenant, 'POST', `/rollouts/${draft.rollout}/launch`);
      if (chance.stream.happens(0.5)) return;
      await chance.pause(chance.upTo(LATER_MS / 5));
      await operator.insist(tenant, 'POST', `/rollouts/${draft.rollout}/pause`, { reason: 'not yet' });
      await chance.pause(chance.upTo(LATER_MS));
      await operator.insist(tenant, 'POST', `/rollouts/${draft.rollout}/resume`, { reason: 'go on' });
    });
  },
};

export const revokes: Fault = {
  name: 'operator-revokes',
  what: 'the release of a rollout is revoked at the worst moment',
  most: 0.1,
  begin: (stage, chance) =>
    atTheWorstMoment(stage, chance, async (_rollout, tenant, thing) => {
      const release = stage.rolloutOf(thing)?.release;
      if (release === undefined) return;
      const path = `/releases/${release.product}/${release.version}/revoke`;
      await stage.operator.insist(tenant, 'POST', path, { reason: 'erases calibration' });
    }),
};

export const opensStages: Fault = {
  name: 'operator-opens-a-stage',
  what: 'an operator opens the next stage by hand at the worst moment',
  most: 0.2,
  begin: (stage, chance) =>
    atTheWorstMoment(stage, chance, async (rollout, tenant) => {
      await stage.operator.call(tenant, 'POST', `/rollouts/${rollout}/advance`, { reason: 'impatience' });
    }),
};

export const excuses: Fault = {
  name: 'operator-excuses',
  what: 'an operator excuses devices and resumes a halted rollout',
  most: 1,
  atWork: 0.6,
  begin: (stage, chance) =>
    stage.onHalt((rollout, tenant) => {
      if (!chance.happens(rollout)) return;
      chance.world.after(chance.upTo(LATER_MS), () => {
        const devices = [...new Set(stage.endedBadly(rollout))];
        const excuse = chance.stream.happens(0.7) ? { devices } : { reasons: ['flash-write'], devices };
        void stage.operator.call(tenant, 'POST', `/rollouts/${rollout}/resume`, {
          reason: 'bad cable',
          excuse,
        });
      });
    }),
};

export const excusesTooEarly: Fault = {
  name: 'operator-excuses-early',
  what: 'an operator excuses what has failed in a rollout that nobody knows to be halted',
  most: 0.5,
  begin: (stage, chance) =>
    atTheWorstMoment(stage, chance, async (rollout, tenant) => {
      const reasons = [chance.stream.pick(['flash-write', 'battery', 'reverted', 'silent'])];
      const resume = { reason: 'bad cable', excuse: { reasons } };
      await stage.operator.call(tenant, 'POST', `/rollouts/${rollout}/resume`, resume);
    }),
};

export const releases: Fault = {
  name: 'operator-releases',
  what: 'an operator releases a device from quarantine, though two may still use its identity',
  most: 1,
  atWork: 0.6,
  begin: (stage, chance) =>
    stage.onQuarantine((thing, tenant) => {
      if (!chance.happens(thing)) return;
      const path = `/devices/${thing.split(':')[1]}/release-from-quarantine`;
      chance.world.after(chance.upTo(LATER_MS), () => {
        void stage.operator.call(tenant, 'POST', path, { reason: 'it was the test bench' });
      });
    }),
};

export const decommissions: Fault = {
  name: 'operator-decommissions',
  what: 'a device is decommissioned at the worst moment',
  most: 0.1,
  begin: (stage, chance) =>
    atAnyMoment(stage, chance, async (tenant, thing) => {
      await stage.operator.call(tenant, 'DELETE', `/devices/${thing.split(':')[1]}`);
    }),
};

export const snoops: Fault = {
  name: 'operator-snoops',
  what: 'an operator of another tenant tries to look at a rollout and to pause it',
  most: 0.5,
  begin: (stage, chance) =>
    atTheWorstMoment(stage, chance, async (rollout, tenant) => {
      const other = tenant === 'acme' ? 'bolt' : 'acme';
      await stage.operator.call(other, 'GET', `/rollouts/${rollout}`);
      await stage.operator.call(other, 'POST', `/rollouts/${rollout}/pause`, { reason: 'not mine' });
    }),
};
