import { printDuration } from '#shared/contracts/duration.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { parseOrRefuse } from '#shared/errors/refusal-of.ts';
import { parseSelector } from '../selector/parse-selector.ts';
import { DocumentFields } from './document-fields.ts';
import { readDocumentText, refuseExplosive } from './document-text.ts';
import type { RolloutDocument } from './rollout-document.ts';
import { readStages } from './stage-rules.ts';

/**
 * Reads a rollout document from YAML or JSON text, or from the object itself, and fills in the defaults. What it returns will be
 * obeyed to the letter: unknown fields and fields that are not supported yet are refused at any depth.
 *
 * Throws `RefusedError` that names the first field at fault as a path (`stages.1.percent`) and its rule.
 */
export function parseDocument(input: unknown): RolloutDocument {
  const values = typeof input === 'string' ? readDocumentText(input) : input;
  refuseExplosive(values);
  const fields = parseOrRefuse(DocumentFields, values, 'document');
  parseSelector(fields.selector, 'selector');
  refuseHaltingLate(fields.halt);
  return {
    release: fields.release,
    selector: fields.selector,
    ...(fields.holdOut && { holdOut: { share: fields.holdOut.share, forMs: fields.holdOut.for } }),
    stages: readStages(fields.stages),
    halt: {
      failureRate: fields.halt.failureRate,
      lostRate: fields.halt.lostRate,
      falseHalt: fields.halt.falseHalt,
      silentAfterMs: fields.halt.silentAfter,
      suspectAtLeastMs: fields.halt.suspectAtLeast,
      installWithinMs: fields.halt.installWithin,
    },
    pace: fields.pace,
    ...(fields.window === undefined ? {} : { window: fields.window }),
    ...(fields.start === undefined ? {} : { startMs: Date.parse(fields.start) }),
    permitForMs: fields.permitFor,
    permits: fields.permits,
    settleMs: fields.settle,
    ...(fields.standing && { standing: true }),
    stallAfterMs: fields.stallAfter,
    ...(fields.approvals === 0 ? {} : { approvals: fields.approvals }),
    priority: fields.priority,
    retry: fields.retry,
  };
}

/**
 * A device must be suspect before its silence is scored: were it scored while it still counts as young, quick successes
 * could widen the window in the meantime (docs/rollouts.md, "The window").
 */
function refuseHaltingLate(halt: DocumentFields['halt']): void {
  if (halt.silentAfter < halt.suspectAtLeast) {
    const least = printDuration(halt.suspectAtLeast);
    throw new RefusedError('halt.silentAfter', `must be at least suspectAtLeast (${least})`);
  }
}
