import { ConfigurationError } from '#shared/errors/errors.ts';
import type { BehaviourOf } from './behaviour.ts';
import { behaviourNamed } from './behaviours.ts';

/**
 * Reads `healthy=90,brick=10`: shares of a fleet, in any proportion. Devices are dealt out evenly, so that the first ten of
 * a fleet show about the same mix as all of it. With `onVersion` everybody is healthy for other releases, and before the first.
 * Throws `ConfigurationError` for a mix that cannot be read.
 */
export function readMix(text: string, onVersion?: string): BehaviourOf {
  const shares = text.split(',').map((part) => {
    const [name = '', share = '1'] = part.trim().split('=');
    const weight = Number(share);
    if (!/^\d{1,6}$/.test(share) || weight === 0) {
      throw new ConfigurationError(`--mix: ${part} must be a behaviour and a whole number, such as brick=10`);
    }
    return { behaviour: behaviourNamed(name), weight };
  });
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const healthy = behaviourNamed('healthy');
  return (index, version) => {
    if (onVersion !== undefined && version !== onVersion) return healthy;
    let at = spread(index) * total;
    for (const { behaviour, weight } of shares) {
      if (at < weight) return behaviour;
      at -= weight;
    }
    return healthy;
  };
}

/** The golden ratio's multiples are spread evenly over [0, 1) at every length of the sequence. */
const spread = (index: number): number => ((index + 0.5) * 0.618_033_988_749_895) % 1;
