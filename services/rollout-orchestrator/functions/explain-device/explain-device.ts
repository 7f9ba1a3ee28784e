import type * as z from 'zod';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { ExplainDevice } from '#shared/contracts/api/rollout-devices.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { MAX_COHORTS, OTHER_COHORT, RETRY_COHORT } from '../../domain/counting/cohorts.ts';
import type { PreparedRollout } from '../../domain/decision/active-rollout.ts';
import { decideOffer } from '../../domain/decision/decide-offer.ts';
import type { Explanation } from '../../domain/decision/explain.ts';
import { explainFullWindow, fullWindowOf } from '../../domain/decision/permit-room.ts';
import type { Trace, TraceEntry } from '../../domain/decision/trace.ts';
import { decisionFacts } from '../../domain/device/decision-facts.ts';
import type { DeviceRecord } from '../../domain/device/device.ts';
import type { ActiveRollouts } from '../../steps/active-rollouts.ts';
import type { ReleasedVersions } from '../../steps/released-versions.ts';
import { requireReadable } from '../../steps/require-readable.ts';
import { runningView } from '../../steps/running-view.ts';
import type { AttemptRecord, AttemptStore } from '../../stores/attempt-store.ts';
import type { CohortStore } from '../../stores/cohort-store.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';
import { explainWithoutRollouts } from './without-rollouts.ts';

interface Needs {
  readonly devices: DeviceStore;
  readonly attempts: AttemptStore;
  readonly active: ActiveRollouts;
  readonly rollouts: RolloutStore;
  readonly released: ReleasedVersions;
  readonly gates: GateStore;
  readonly cohorts: CohortStore;
  readonly releases: ReleaseStore;
  readonly clock: Clock;
}

type Explained = z.infer<typeof ExplainDevice.answer>;

/** Asks the very code that decides, with a recorder, for the device as it was last seen. */
export async function explainDevice(
  { caller, params }: HttpRequest<{ deviceId: string }, unknown, undefined>,
  needs: Needs,
): Promise<Explained> {
  const { deviceId } = params;
  const [device] = requireReadable(await needs.devices.readAll([{ tenant: caller.tenant, deviceId }]));
  if (device?.facts === undefined) throw new NotFoundError('deviceId', `no device ${deviceId}`);
  const { facts, running } = device;
  const rollouts = await needs.active.read(caller.tenant, facts.product);
  const trace: Trace = [];
  const says = { hardware: running?.hardware ?? facts.hardware, version: running?.version ?? '' };
  const nowMs = needs.clock.now();
  const released = await needs.released.of(device, says, nowMs);
  const inquiry = { facts: decisionFacts(device), says, released, nowMs };
  const decision = decideOffer(inquiry, rollouts, trace);
  const wait =
    decision.kind === 'offer' ? await permitWait(device, says, decision.rollout, needs) : undefined;
  return {
    deviceId,
    hardware: facts.hardware,
    ...runningView(device),
    decision: decision.kind,
    ...(rollouts.length === 0 && {
      explanation: await explainWithoutRollouts(
        { tenant: caller.tenant, ...facts },
        { decision, inquiry },
        needs.releases,
      ),
    }),
    rollouts: trace.map((entry) => (entry.rule === 'offered' && wait ? withWait(entry, wait) : entry)),
    attempts: await attemptsOf(
      device,
      rollouts.map(({ rollout }) => rollout),
      needs,
    ),
  };
}

function withWait(entry: TraceEntry, { explanation, change }: Required<Explanation>): TraceEntry {
  return { ...entry, explanation: `${entry.explanation}; ${explanation}`, change };
}

/** Why a permit for what it is offered would be told to wait, if it would be, by the rule that grants permits. */
async function permitWait(
  device: DeviceRecord,
  says: { readonly hardware: string; readonly version: string },
  offered: PreparedRollout,
  { gates, cohorts }: Needs,
): Promise<Required<Explanation> | undefined> {
  const { rollout, openStage } = offered;
  const gate = await gates.read(rollout);
  // It has changed since the decision, which the next look will tell.
  if (gate?.state !== 'running') return undefined;
  const tag = openStage.kind === 'tag' ? openStage.tag : undefined;
  const isRetry = (device.tried[rollout] ?? 0) > 0;
  const all = await cohorts.list(rollout);
  const known = all.find(
    (one) => one.hardware === says.hardware && one.from === says.version && one.tag === tag,
  );
  // As permits have it: whose earlier permit here came to nothing opens no cohort by another version.
  const isNew = known === undefined && all.length < MAX_COHORTS && !Object.hasOwn(device.tried, rollout);
  const cohort = isRetry ? RETRY_COHORT : isNew ? all.length + 1 : (known?.number ?? OTHER_COHORT);
  // A cohort that has no window yet gets its first one with its first permit.
  const own = gate.cohorts.get(cohort);
  const firstWindow = offered.document.pace.firstWindow;
  const full = fullWindowOf({
    cohort,
    pooled: gate.ceiling - gate.granted,
    ofCohort: own === undefined ? firstWindow : own.ceiling - own.granted,
  });
  if (full === undefined) return undefined;
  return explainFullWindow(full, full === 'window-full' || own === undefined ? gate : own);
}

/** In so many of its tenant's rollouts is looked for attempts that a device has forgotten. */
const LOOKED_BACK = 100;

/** Its rows in the rollouts that it took part in, newest first: those that it remembers, and those before them. */
async function attemptsOf(
  device: DeviceRecord,
  active: readonly string[],
  { attempts, rollouts: all }: Needs,
): Promise<Explained['attempts']> {
  const { tried, open, missing, forgotten, tenant } = device;
  const named = [
    ...active,
    ...Object.keys(tried),
    ...(forgotten === undefined ? [] : await all.ids(tenant, { upTo: forgotten, limit: LOOKED_BACK })),
    ...(open ? [open.rollout] : []),
    ...(missing ? [missing.rollout] : []),
  ];
  const rollouts = [...new Set(named)].sort().reverse();
  const rows = requireReadable(await attempts.readAll(rollouts.map((rollout) => ({ rollout, device }))));
  return rows.flatMap(attemptView);
}

function attemptView({ rollout, attempt }: AttemptRecord): Explained['attempts'] {
  if (attempt === undefined) return [];
  return [
    {
      rollout,
      attempt: attempt.id,
      state: attempt.state,
      grantedAtMs: attempt.grantedMs,
      ...(attempt.reason !== undefined && { reason: attempt.reason }),
      recovered: attempt.recovered ?? false,
      timeline: attempt.events.map(({ what, atMs }) => ({ atMs, event: what })),
    },
  ];
}
