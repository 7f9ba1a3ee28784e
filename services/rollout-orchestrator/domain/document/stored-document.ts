import * as z from 'zod';
import { ReleaseName, Tag } from '#shared/contracts/names.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { WHOLE } from '../order/share.ts';
import { readRow } from '../row/read-row.ts';
import { parseSelector } from '../selector/parse-selector.ts';
import { DAY_MINUTES } from './install-window.ts';
import type { RolloutDocument } from './rollout-document.ts';

const Milliseconds = z.number().int().min(0);
const AtLeastOne = z.number().int().min(1);
const Share = z.number().int().min(1).max(WHOLE);
const Rate = z.number().gt(0).lt(1);

const Gate = z.object({ minConfirmed: AtLeastOne.exactOptional(), bakeMs: Milliseconds });
const common = { name: z.string(), gate: Gate.exactOptional() };
const Stage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tag'), tag: Tag, ...common }),
  z.object({ kind: z.literal('count'), count: AtLeastOne, ...common }),
  z.object({ kind: z.literal('percent'), share: Share, ...common }),
]);
const Window = z.object({
  days: z.array(z.number().int().min(0).max(6)),
  fromMinute: z.number().int().min(0).max(DAY_MINUTES),
  toMinute: z.number().int().min(0).max(DAY_MINUTES),
  // A name that is no zone keeps a window closed.
  zone: z.string(),
  fallbackZone: z.string().exactOptional(),
});

/** What a decision computes with; the bounds of what people may write are narrower, and may change while a rollout runs. */
const StoredDocument = z.object({
  release: ReleaseName,
  selector: z.string().refine(isSelector, 'must be a selector'),
  holdOut: z.object({ share: Share, forMs: Milliseconds }).exactOptional(),
  stages: z.array(Stage).min(1),
  halt: z.object({
    failureRate: Rate,
    lostRate: Rate,
    falseHalt: Rate,
    silentAfterMs: Milliseconds,
    suspectAtLeastMs: Milliseconds,
    installWithinMs: Milliseconds,
  }),
  pace: z.object({ firstWindow: AtLeastOne, growth: z.number().gt(0), perMinute: AtLeastOne }),
  window: Window.exactOptional(),
  startMs: Milliseconds.exactOptional(),
  permitForMs: AtLeastOne,
  // Documents of before there was a choice do not say.
  permits: z.enum(['asked', 'direct']).default('asked'),
  settleMs: Milliseconds,
  standing: z.literal(true).exactOptional(),
  stallAfterMs: Milliseconds,
  approvals: AtLeastOne.exactOptional(),
  priority: z.number().int().min(0),
  retry: z.object({ attempts: AtLeastOne }),
});
const Stored: z.ZodType<{ document: RolloutDocument }> = z.object({ document: StoredDocument });

/** A document as `parseDocument` made it and a table has kept it. Throws `UnreadableRowError` with the first field at fault. */
export const readStoredDocument = (value: unknown): RolloutDocument =>
  readRow('rollout', Stored, { document: value }).document;

function isSelector(text: string): boolean {
  try {
    parseSelector(text);
    return true;
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}
