import type { OfferDecision } from '../../domain/decision/decide-offer.ts';
import type { Inquiry } from '../../domain/decision/device.ts';
import { explainDeviceRule } from '../../domain/decision/explain.ts';
import type { RegistryFacts } from '../../domain/device/device.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

/** Why a device gets nothing where there is no rollout to ask: what no rollout would change comes before that none is active. */
export async function explainWithoutRollouts(
  { tenant, product, hardware }: { readonly tenant: string } & Pick<RegistryFacts, 'product' | 'hardware'>,
  { decision, inquiry }: { readonly decision: OfferDecision; readonly inquiry: Inquiry },
  releases: ReleaseStore,
): Promise<string> {
  if (decision.kind === 'refused') return explainDeviceRule(decision.rule, inquiry).explanation;
  const known = await releases.hardware(tenant, product, hardware);
  if (known.has(hardware)) return `no rollout of ${product} is active`;
  if (known.size === 0) return `${product} has no release that may be installed`;
  return `no release of ${product} is for ${hardware}, they are for ${[...known].sort().join(', ')}`;
}
