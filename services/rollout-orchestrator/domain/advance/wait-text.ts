import type { RolloutDocument } from '../document/rollout-document.ts';
import { isOver, type RolloutLife } from '../lifecycle/commands.ts';
import type { CompletionVerdict } from '../stages/completion.ts';
import type { GateVerdict } from '../stages/gate.ts';
import { isWithinHours, nextWithinHours } from '../stages/install-hours.ts';

/** What of a plan says for what it waits; times in milliseconds since 1970. */
export interface WaitView {
  readonly gate: GateVerdict;
  readonly completion: CompletionVerdict;
  /** The window of all first attempts together: permits that may be given now, and those that are out. */
  readonly window: {
    readonly pooled: { readonly room: number; readonly young: number; readonly suspects: number };
  };
}

/**
 * For what the open stage waits, in words for people, and whatever else keeps devices from being served now: its state, `start`, install
 * hours, or that none asks. The last stage waits to be completed. `undefined` of a rollout that is over otherwise: it waits for nothing.
 */
export function waitText(
  document: RolloutDocument,
  { state }: Pick<RolloutLife, 'state'>,
  plan: WaitView,
  nowMs: number,
): string | undefined {
  const { gate, completion } = plan;
  const isLast = !gate.opens && gate.waitsFor === 'last-stage';
  if (isOver({ state }) && !(isLast && completion.completes)) return undefined;
  if (state === 'halted' || state === 'paused')
    return `${gate.explanation}; nobody gets a permit while it is ${state}`;
  const waits = isLast ? `${gate.explanation}: ${completion.explanation}` : gate.explanation;
  const held = state === 'running' ? (closedText(document, nowMs) ?? unaskedText(plan)) : undefined;
  return held === undefined ? waits : `${waits}; ${held}`;
}

/** What in the document keeps everybody from beginning now. */
function closedText({ startMs = 0, window }: RolloutDocument, nowMs: number): string | undefined {
  if (nowMs < startMs) return `nothing is offered before ${timeText(startMs)}`;
  if (window === undefined) return undefined;
  const isByDevice = window.zone === 'device';
  const zone = isByDevice ? (window.fallbackZone ?? 'UTC') : window.zone;
  if (isWithinHours(window, zone, nowMs)) return undefined;
  const opensMs = nextWithinHours(window, zone, nowMs);
  const until = opensMs === undefined ? '' : ` until ${timeText(opensMs)}`;
  const others = isByDevice ? '; devices that state another zone go by its clock' : '';
  return `install hours are closed in ${zone}${until}${others}`;
}

/** There is room, and nobody is on the way: what is missing are devices that ask. */
function unaskedText({ gate, window: { pooled } }: WaitView): string | undefined {
  const isUnasked = !gate.opens && gate.waitsFor === 'evidence' && pooled.room > 0;
  return isUnasked && pooled.young + pooled.suspects === 0
    ? 'permits are to be had: waits for devices to ask'
    : undefined;
}

const timeText = (ms: number): string => new Date(ms).toISOString();
