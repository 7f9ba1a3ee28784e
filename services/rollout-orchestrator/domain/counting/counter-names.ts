import { readCount, UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { MAX_COHORTS, RETRY_COHORT } from './cohorts.ts';
import { COUNTER_KINDS, type CounterKind } from './counter-kinds.ts';
import { DELAY_BUCKETS } from './delays.ts';

/** What one number of a counter item counts. Without an epoch: everything of epochs that were folded. */
export type CounterName =
  | { readonly cohort: number; readonly kind: CounterKind; readonly epoch?: number }
  | { readonly delayBucket: number };

const COUNTED = /^(?:(\d{1,10})\.)?(\d{1,3})\.([a-z]+)$/;
const DELAY = /^d(\d{1,2})$/;

/** The attribute of a counter item: `<epoch>.<cohort>.<kind>`, `<cohort>.<kind>` once folded, `d<bucket>` for delays. */
export function counterName(name: CounterName): string {
  if ('delayBucket' in name) return `d${name.delayBucket}`;
  const folded = `${name.cohort}.${name.kind}`;
  return name.epoch === undefined ? folded : `${name.epoch}.${folded}`;
}

/**
 * Reads the name of an attribute of a counter item; `undefined` for one that is no counter (a key, a time to live).
 *
 * @throws UnreadableEvidenceError for a name that looks like a counter and is none
 */
export function parseCounterName(attribute: string): CounterName | undefined {
  const delay = DELAY.exec(attribute);
  if (delay !== null) {
    const bucket = Number(delay[1]);
    if (bucket >= DELAY_BUCKETS)
      throw new UnreadableEvidenceError(attribute, 'must be a bucket of the delays');
    return { delayBucket: bucket };
  }
  if (!/^\d/.test(attribute)) return undefined;
  const counted = COUNTED.exec(attribute);
  const kind = COUNTER_KINDS.find((one) => one === counted?.[3]);
  if (counted === null || kind === undefined) {
    throw new UnreadableEvidenceError(attribute, 'must be <epoch>.<cohort>.<kind> or <cohort>.<kind>');
  }
  const cohort = readCount(attribute, Number(counted[2]));
  if (cohort > MAX_COHORTS && cohort !== RETRY_COHORT) {
    throw new UnreadableEvidenceError(attribute, `must name a cohort from 0 to ${RETRY_COHORT}`);
  }
  return counted[1] === undefined ? { cohort, kind } : { cohort, kind, epoch: Number(counted[1]) };
}
