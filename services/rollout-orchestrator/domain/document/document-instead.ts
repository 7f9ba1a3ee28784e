import { WHOLE } from '../order/share.ts';
import type { RolloutDocument } from './rollout-document.ts';

/**
 * What stands for a document that cannot be read, in a rollout that is as good as paused: it comes before all others and is for
 * everybody, because nobody knows whom else it would leave to them.
 */
export const documentInstead = ({
  product,
  version,
}: {
  readonly product: string;
  readonly version: string;
}): RolloutDocument => ({
  release: `${product}/${version}`,
  selector: 'all',
  stages: [{ kind: 'percent', share: WHOLE, name: 'unreadable' }],
  halt: {
    failureRate: 0.001,
    lostRate: 0.001,
    falseHalt: 0.001,
    silentAfterMs: 0,
    suspectAtLeastMs: 0,
    installWithinMs: 0,
  },
  pace: { firstWindow: 1, growth: 1, perMinute: 1 },
  permitForMs: 0,
  permits: 'asked',
  settleMs: 0,
  stallAfterMs: 0,
  priority: Number.MAX_SAFE_INTEGER,
  retry: { attempts: Number.MAX_SAFE_INTEGER },
});
