import type { RolloutState } from '#shared/contracts/events/rollout-events.ts';
import type { HoldOut } from '../holdout/hold-out.ts';

/** Where a rollout stands. Plain data, part of what is stored of it. */
export interface RolloutLife {
  readonly state: RolloutState;
  /** Index of the open stage; of the first one as long as it is a draft. */
  readonly stage: number;
  /** Why it is paused, halted or aborted. */
  readonly reason?: string;
}

/** Evidence that an operator declares not to be the release's fault: that of some devices, or of some reason codes. */
export interface Excuse {
  readonly devices: readonly string[];
  readonly reasons: readonly string[];
}

/** Whether the evidence, less what is excused, is at or over a halting line: which one and by how many, in words, or `false`. */
export type OverLine = string | false;

/** What can be done to a rollout, by a person or by Evenkeel itself. */
export type RolloutCommand =
  | {
      readonly kind: 'launch';
      /** So many approvals of its document are missing. */
      readonly approvalsMissing: number;
      /** The hold-out that binds its release from now on. */
      readonly holdOut?: HoldOut;
    }
  | { readonly kind: 'pause'; readonly reason: string }
  | {
      readonly kind: 'resume';
      readonly reason: string;
      /** Demanded after a halt, out of place otherwise. */
      readonly excuse?: Excuse;
      readonly overLine: OverLine;
    }
  | { readonly kind: 'halt'; readonly reason: string }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'open-stage'; readonly reason: string; readonly overLine: OverLine }
  | { readonly kind: 'complete'; readonly reason: string; readonly overLine: OverLine };

/** The names of what can be done. */
export type CommandKind = RolloutCommand['kind'];

/**
 * What each state allows. A paused rollout can be halted, because installs that began go on and are counted; a halted one can only
 * be resumed with an excuse; completed and aborted are final.
 */
export const ALLOWED: Readonly<Record<RolloutState, readonly CommandKind[]>> = {
  draft: ['launch', 'abort'],
  running: ['pause', 'halt', 'abort', 'open-stage', 'complete'],
  paused: ['resume', 'halt', 'abort'],
  halted: ['resume', 'abort'],
  aborted: [],
  completed: [],
};

/** Whether a rollout is over: nothing that anybody does changes that. */
export const isOver = ({ state }: Pick<RolloutLife, 'state'>): boolean =>
  state === 'completed' || state === 'aborted';

/** The state that each command leads to. */
export const LEADS_TO: Readonly<Record<CommandKind, RolloutState>> = {
  launch: 'running',
  pause: 'paused',
  resume: 'running',
  halt: 'halted',
  abort: 'aborted',
  'open-stage': 'running',
  complete: 'completed',
};
