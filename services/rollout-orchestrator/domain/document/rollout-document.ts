import type { Millionths } from '../order/share.ts';
import type { InstallWindow } from './install-window.ts';

/** What must hold before the next stage opens. */
export interface Gate {
  /** Confirmed devices of that very stage; where absent, half of what the stage may add, at most 50. */
  readonly minConfirmed?: number;
  /** How long the evidence must have held. */
  readonly bakeMs: number;
}

/** Who may get the release while a stage is open. */
export type StageReach =
  | { readonly kind: 'tag'; readonly tag: string }
  /** At most so many members exposed in all, the stages before included. */
  | { readonly kind: 'count'; readonly count: number }
  /** At most `ceil(share x members)` exposed in all, the stages before included. */
  | { readonly kind: 'percent'; readonly share: Millionths };

/** One stage. The last one has no gate: nothing opens after it. */
export type Stage = StageReach & { readonly name: string; readonly gate?: Gate };

/** When a rollout stops by itself (docs/rollouts.md). Rates are fractions: 0.001 is 0.1 %. */
export interface HaltRules {
  /** Tolerated rate of failed, reverted or silent devices: p0 of that test. */
  readonly failureRate: number;
  /** Tolerated rate of lost devices: p0 of that test. */
  readonly lostRate: number;
  /** Chance that a release within the tolerated rates is halted all the same: alpha. */
  readonly falseHalt: number;
  /** After "rebooting" and so long unheard, a device is silent. */
  readonly silentAfterMs: number;
  /** A permit is young for at least so long, whatever the quantile of delays says. */
  readonly suspectAtLeastMs: number;
  /** After "installing" and so long unheard beyond the permit's end, a device is lost. */
  readonly installWithinMs: number;
}

/** How fast exposure may grow. */
export interface Pace {
  /** W0: permits that may be young or suspect at once before anything is proved, per cohort and pooled. */
  readonly firstWindow: number;
  /** g: how many more for each proved device that is no longer young. */
  readonly growth: number;
  /** Permits a minute at most. */
  readonly perMinute: number;
}

/** A rollout document after reading: all defaults filled in, times in milliseconds. Plain data, fit for a table. */
export interface RolloutDocument {
  /** `<product>/<version>`. */
  readonly release: string;
  /** As it was written; it parses. */
  readonly selector: string;
  /** A share of the members that get the release last, so long after the launch at the earliest. */
  readonly holdOut?: { readonly share: Millionths; readonly forMs: number };
  readonly stages: readonly Stage[];
  readonly halt: HaltRules;
  readonly pace: Pace;
  readonly window?: InstallWindow;
  /** Nothing is offered before. Milliseconds since 1970. */
  readonly startMs?: number;
  /** Life of a permit, whole seconds. */
  readonly permitForMs: number;
  /**
   * `direct`: a device that can begin within a permit's life gets offer and permit in one answer, so that a halt does not reach it any
   * more. `asked`: everybody downloads first, and asks then.
   */
  readonly permits: 'asked' | 'direct';
  /** The rollout completes when no member has asked in vain for so long. */
  readonly settleMs: number;
  /** It serves devices that come later, until somebody completes it; absent, it completes by itself. */
  readonly standing?: true;
  /** A gate that keeps a stage closed for so long makes the rollout stalled. */
  readonly stallAfterMs: number;
  /** So many others than who created the rollout must have approved this document before it is launched; absent, none. */
  readonly approvals?: number;
  /** The higher number wins. */
  readonly priority: number;
  readonly retry: { readonly attempts: number };
}

/** Product and version of a release name that has been checked. */
export function splitRelease(release: string): { readonly product: string; readonly version: string } {
  const slash = release.indexOf('/');
  return { product: release.slice(0, slash), version: release.slice(slash + 1) };
}
