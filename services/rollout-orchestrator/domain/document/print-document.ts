import { documentSha256 } from '#shared/contracts/document-sha256.ts';
import { printDuration } from '#shared/contracts/duration.ts';
import { WHOLE } from '../order/share.ts';
import { DAYS, type InstallWindow } from './install-window.ts';
import { printPercent } from './percent.ts';
import type { RolloutDocument, Stage } from './rollout-document.ts';

/**
 * The document as people write it, with every default spelt out: what the API shows. `parseDocument` of it gives the same
 * document again.
 */
export function printDocument(document: RolloutDocument): Record<string, unknown> {
  const { halt } = document;
  return {
    release: document.release,
    selector: document.selector,
    ...(document.holdOut && { holdOut: printHoldOut(document.holdOut) }),
    stages: document.stages.map(printStage),
    halt: {
      failureRate: printRate(halt.failureRate),
      lostRate: printRate(halt.lostRate),
      falseHalt: printRate(halt.falseHalt),
      silentAfter: printDuration(halt.silentAfterMs),
      suspectAtLeast: printDuration(halt.suspectAtLeastMs),
      installWithin: printDuration(halt.installWithinMs),
    },
    pace: { ...document.pace },
    ...(document.window === undefined ? {} : { window: printWindow(document.window) }),
    ...(document.startMs === undefined ? {} : { start: new Date(document.startMs).toISOString() }),
    permitFor: printDuration(document.permitForMs),
    permits: document.permits,
    settle: printDuration(document.settleMs),
    stallAfter: printDuration(document.stallAfterMs),
    approvals: document.approvals ?? 0,
    priority: document.priority,
    retry: { ...document.retry },
    // Only where it is so: the digest of a document that was approved before there was such a field stays what it was.
    ...(document.standing && { standing: true }),
  };
}

/** The sha256 of the document as the API shows it: what its approvals are of. */
export function digestOfDocument(document: RolloutDocument): string {
  return documentSha256(printDocument(document));
}

const printHoldOut = ({ share, forMs }: NonNullable<RolloutDocument['holdOut']>) => ({
  share: printPercent(share),
  for: printDuration(forMs),
});

function printStage(stage: Stage): Record<string, unknown> {
  const { gate } = stage;
  return {
    name: stage.name,
    ...printReach(stage),
    ...(gate === undefined ? {} : { gate: printGate(gate) }),
  };
}

function printReach(stage: Stage): Record<string, unknown> {
  switch (stage.kind) {
    case 'tag':
      return { tag: stage.tag };
    case 'count':
      return { count: stage.count };
    default:
      return { percent: printPercent(stage.share) };
  }
}

function printGate(gate: NonNullable<Stage['gate']>): Record<string, unknown> {
  const bake = printDuration(gate.bakeMs);
  return gate.minConfirmed === undefined ? { bake } : { minConfirmed: gate.minConfirmed, bake };
}

function printWindow(window: InstallWindow): Record<string, unknown> {
  return {
    days: window.days.map((day) => DAYS[day]).join(','),
    from: printTimeOfDay(window.fromMinute),
    to: printTimeOfDay(window.toMinute),
    zone: window.zone,
    ...(window.fallbackZone === undefined ? {} : { fallbackZone: window.fallbackZone }),
  };
}

/** Minute of the day (0 to 1440) as `HH:MM`. */
function printTimeOfDay(minute: number): string {
  return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
}

const twoDigits = (number: number): string => String(number).padStart(2, '0');
/** Fractions of a document are whole millionths. */
const printRate = (fraction: number): string => printPercent(Math.round(fraction * WHOLE));
