import type { RolloutCost } from '#shared/contracts/api/cost.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { costReport } from '#shared/metering/cost-report.ts';
import { modelledUsage } from '#shared/metering/modelled-usage.ts';
import type { UsageReader } from '#shared/metering/usage-reader.ts';
import { readOwn } from '../../steps/control-rollout.ts';
import type { RolloutReader } from '../../steps/rollout-evidence.ts';

/**
 * Reports what was metered of a rollout; where nobody meters by rollout, what its own exact counter of permits and the
 * measured units of a step make.
 */
export async function getRolloutCost(
  { caller, params: { rollout } }: HttpRequest<{ rollout: string }, unknown, undefined>,
  { reader, usage }: { readonly reader: RolloutReader; readonly usage: UsageReader },
): Promise<RolloutCost> {
  const { evidence, record } = await readOwn(reader, caller.tenant, rollout);
  const devices = [...evidence.gate.granted.values()].reduce((sum, granted) => sum + granted, 0);
  const metered = await usage.ofRollout(rollout);
  return costReport({
    rollout,
    devices,
    basis: metered === undefined ? 'modelled' : 'metered',
    usage: metered ?? modelledUsage(devices, record.document.permits),
  });
}
