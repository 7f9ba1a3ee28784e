import type { Item } from '#shared/capabilities/table.ts';
import type { Known } from './known.ts';
import type { KnownAttempt, RowChange } from './known-facts.ts';
import type { Taken } from './taken.ts';

/** A message that a function has sent to a device, read. */
export interface Told {
  readonly thing: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * A promise of the rollouts, checked on everything that is seen. Each hook answers what is wrong, or nothing; what it is not
 * concerned with it answers `pass`, so that it can be counted how often an invariant really had something to look at.
 */
export interface Invariant {
  /** Its number in the list of `docs/reliability.md`. */
  readonly number: number;
  readonly rule: string;
  /** After an item of the orchestrator's table changed; `attempt` where that is the row of one. */
  onRow?(change: RowChange, attempt: KnownAttempt | undefined, known: Known): Verdict;
  /** In the moment in which an item of firmware-storage is written, durable or not yet. */
  onStored?(key: string, item: Item, known: Known): Verdict;
  /** When a function sends something to a device. */
  onTold?(told: Told, known: Known): Verdict;
  /** After the instant in which a function has answered for a message or an event. */
  onTaken?(taken: Taken, known: Known): Verdict;
  /** After each instant. */
  onLook?(known: Known): Verdict;
  /** Once the world has been kind for long enough. */
  onEnd?(known: Known): Verdict;
}

/** `pass`: nothing to look at; `holds`: looked at and well; anything else says what is wrong. */
export type Verdict = 'pass' | 'holds' | { readonly wrong: string };

/** A verdict that something is not as it must be. */
export const wrong = (what: string): Verdict => ({ wrong: what });
/** `holds` if it is so. */
export const must = (isSo: boolean, what: () => string): Verdict => (isSo ? 'holds' : wrong(what()));
