import type * as z from 'zod';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { ExplainDevice } from '#shared/contracts/api/rollouts.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { decideOffer } from '../../domain/decision/decide-offer.ts';
import type { Trace } from '../../domain/decision/trace.ts';
import { decisionFacts } from '../../domain/device/decision-facts.ts';
import type { DeviceRecord } from '../../domain/device/device.ts';
import type { ActiveRollouts } from '../../steps/active-rollouts.ts';
import { requireReadable } from '../../steps/require-readable.ts';
import type { AttemptRecord, AttemptStore } from '../../stores/attempt-store.ts';
import type { DeviceStore } from '../../stores/device-store.ts';

interface Needs {
  readonly devices: DeviceStore;
  readonly attempts: AttemptStore;
  readonly active: ActiveRollouts;
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
  const decision = decideOffer(decisionFacts(device), says, rollouts, needs.clock.now(), trace);
  return {
    deviceId,
    hardware: facts.hardware,
    ...(running && { running: runningView(running) }),
    decision: decision.kind,
    rollouts: trace,
    attempts: await attemptsOf(
      device,
      rollouts.map(({ rollout }) => rollout),
      needs,
    ),
  };
}

function runningView({
  version,
  digest,
  seenAtMs,
}: NonNullable<DeviceRecord['running']>): Explained['running'] {
  return { version, seenAtMs, ...(digest !== undefined && { digest }) };
}

/** Its rows in the rollouts that it took part in, as far as it remembers them, newest first. */
async function attemptsOf(
  device: DeviceRecord,
  active: readonly string[],
  { attempts }: Needs,
): Promise<Explained['attempts']> {
  const { tried, open, missing } = device;
  const named = [
    ...active,
    ...Object.keys(tried),
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
