import type { Key } from '#shared/capabilities/table.ts';
import { ActiveListStore } from '../../../services/rollout-orchestrator/stores/active-list-store.ts';
import { ApprovalStore } from '../../../services/rollout-orchestrator/stores/approval-store.ts';
import { AttemptStore } from '../../../services/rollout-orchestrator/stores/attempt-store.ts';
import { CohortStore } from '../../../services/rollout-orchestrator/stores/cohort-store.ts';
import { CounterStore } from '../../../services/rollout-orchestrator/stores/counter-store.ts';
import { GateStore } from '../../../services/rollout-orchestrator/stores/gate-store.ts';
import { HearingStore } from '../../../services/rollout-orchestrator/stores/hearing-store.ts';
import { counterKey } from '../../../services/rollout-orchestrator/stores/keys.ts';
import { PreviewStore } from '../../../services/rollout-orchestrator/stores/preview-store.ts';
import { ProgressStore } from '../../../services/rollout-orchestrator/stores/progress-store.ts';
import { RolloutStore } from '../../../services/rollout-orchestrator/stores/rollout-store.ts';
import { type Kind, partsOf, rowKinds } from '../kind.ts';
import { readable } from '../readable.ts';

const of = (key: unknown): string => partsOf(key)[1] ?? '';
const R = /^R#/;
/** The key of a shard of the same counters, which is not that one. */
const anotherShard = (rollout: string, pk: string): Key =>
  [counterKey(rollout, 0), counterKey(rollout, 1)].find((key) => key.pk !== pk) ?? counterKey(rollout, 0);

/** What rollout-orchestrator keeps of rollouts. */
export const ROLLOUT_KINDS: readonly Kind[] = rowKinds('rollout-orchestrator', 'rollouts', {
  rollout: {
    placedBy: ['rollout-orchestrator rolloutKey'],
    pk: R,
    sk: /^rollout$/,
    read: async ({ pk }, rows) => {
      const rollouts = new RolloutStore(rows);
      return {
        whole: await readable(() => rollouts.read(of(pk))),
        identity: await readable(() => rollouts.identity(of(pk))),
      };
    },
  },
  gate: {
    placedBy: ['rollout-orchestrator gateKey'],
    pk: R,
    sk: /^gate$/,
    read: async ({ pk }, rows) => {
      const gates = new GateStore(rows);
      return {
        whole: await readable(() => gates.read(of(pk))),
        life: await readable(() => gates.life(of(pk))),
      };
    },
  },
  progress: {
    placedBy: ['rollout-orchestrator progressKey'],
    pk: R,
    sk: /^progress$/,
    read: ({ pk }, rows) => new ProgressStore(rows).read(of(pk)),
  },
  fleet: {
    placedBy: ['rollout-orchestrator fleetKey'],
    pk: R,
    sk: /^fleet$/,
    read: ({ pk }, rows) => new ProgressStore(rows).fleet(of(pk)),
  },
  approvals: {
    placedBy: ['rollout-orchestrator approvalsKey'],
    pk: R,
    sk: /^approvals$/,
    read: ({ pk: _pk, sk: _sk, ...row }, rows) => {
      const [documentSha256 = ''] = Object.keys(row)[0]?.split('.') ?? [];
      return new ApprovalStore(rows).read(of(_pk), documentSha256);
    },
  },
  preview: {
    placedBy: ['rollout-orchestrator previewKey'],
    pk: R,
    sk: /^preview$/,
    read: ({ pk }, rows) => new PreviewStore(rows).read(of(pk)),
  },
  'taken-out': {
    placedBy: ['rollout-orchestrator takenOutKey'],
    pk: R,
    sk: /^taken-out$/,
    read: ({ pk }, rows) => new AttemptStore(rows).takenOut(of(pk)),
  },
  cohorts: {
    placedBy: ['rollout-orchestrator cohortsKey'],
    pk: R,
    sk: /^cohorts$/,
    read: ({ pk }, rows) => new CohortStore(rows).list(of(pk)),
  },
  counters: {
    placedBy: ['rollout-orchestrator counterKey'],
    pk: /^C#/,
    sk: /^count$/,
    read: async (shard, rows) => {
      // An excuse takes back what another shard may have counted.
      const taken = Object.entries(shard).filter(([, count]) => Number(count) < 0);
      const counted = Object.fromEntries(taken.map(([name, count]) => [name, -Number(count)]));
      await rows.write({ put: { ...counted, ...anotherShard(of(shard.pk), String(shard.pk)) } });
      return new CounterStore(rows).read(of(shard.pk));
    },
  },
  hearing: {
    placedBy: ['rollout-orchestrator HEARING_KEY', 'rollout-orchestrator hearingKey'],
    pk: /^(?:R#|hearing$)/,
    sk: /^hearing$/,
    read: async ({ pk, resumedAtMs, lastBeatMs }, rows) => {
      const hearing = new HearingStore(rows);
      const nextMs = Math.max(Number(resumedAtMs ?? 0), Number(lastBeatMs ?? 0)) + 1000;
      const times = await hearing.timesAway();
      const away = times.at(-1) ?? { fromMs: 0, untilMs: 0 };
      return { away, times, heard: await hearing.beat(nextMs, of(pk)) };
    },
  },
  listing: {
    placedBy: ['rollout-orchestrator listingKey'],
    pk: /^T#/,
    sk: /^rollout#/,
    read: async ({ pk }, rows) => {
      await new RolloutStore(rows).list(of(pk), { limit: 1 });
      return { leadsTo: rows.asked };
    },
  },
  previews: {
    placedBy: ['rollout-orchestrator previewsKey'],
    pk: /^T#/,
    sk: /^previews$/,
    read: async ({ pk, sk, spentUntilMs }, rows) => {
      const isTaken = (await new PreviewStore(rows).take(of(pk), Number(spentUntilMs))) === undefined;
      return { isTaken, left: await rows.get([{ pk: String(pk), sk: String(sk) }]) };
    },
  },
  active: {
    placedBy: ['rollout-orchestrator activeKey'],
    pk: /^active$/,
    sk: /./,
    read: (_row, rows) => new ActiveListStore(rows).active(),
  },
});
