import type { PreviewCount, RolloutPreview } from '#shared/contracts/api/preview.ts';
import type { RolloutDocument } from '../domain/document/rollout-document.ts';
import type { PreviewCohort } from '../domain/preview/preview-sums.ts';
import { ceilingOfStage, stageAt } from '../domain/stages/stage-reach.ts';
import {
  type KeptPreview,
  MOST_PREVIEWS_AT_ONCE,
  PREVIEW_EACH_MS,
  type Preview,
} from '../stores/preview-store.ts';
import type { RolloutRecord } from '../stores/rollout-store.ts';

/** Counting a million devices takes less: what has not come by then has been lost, or waits behind much else. */
const COUNTED_WITHIN_MS = 120_000;
/** A fleet may have hundreds of cohorts; who launches a rollout looks at the largest. */
const MOST_COHORTS = 20;

/** Whom a draft would reach, as people look at it, from what is kept of its count. */
export function previewView(
  { document, createdAtMs }: Pick<RolloutRecord, 'document' | 'createdAtMs'>,
  kept: KeptPreview | undefined,
  nowMs: number,
): RolloutPreview {
  const askedMs = kept?.askedMs;
  const isAwaited = nowMs < (askedMs ?? createdAtMs) + COUNTED_WITHIN_MS;
  if (kept?.kind === 'counted') {
    const count = countOf(document, kept.preview);
    if (askedMs === undefined || kept.preview.beganMs >= askedMs) return { state: 'counted', count };
    return isAwaited ? { state: 'counting', count } : { state: 'counted', reason: NO_NEW_COUNT, count };
  }
  if (isAwaited && (kept === undefined || askedMs !== undefined)) return { state: 'counting' };
  if (kept?.kind === 'left-out') return { state: 'not-counted', reason: TOO_MANY };
  if (kept?.kind === 'unreadable') return { state: 'not-counted', reason: 'what was counted cannot be read' };
  return { state: 'not-counted', reason: 'no count has come' };
}

/** How many drafts of a tenant are counted, in words. */
export const RATION = `${MOST_PREVIEWS_AT_ONCE} are counted one after the other, then one in ${PREVIEW_EACH_MS / 60_000} minutes`;
const TOO_MANY = `too many drafts were made: ${RATION}`;
const NO_NEW_COUNT = 'the count that was asked for since has not come';

function countOf(document: RolloutDocument, preview: Preview): PreviewCount {
  const { looked, unreadable, ofProduct, members, withoutArtifact, heldBack, served } = preview;
  const largest = preview.cohorts.toSorted(
    (a, b) => b.devices - a.devices || (textOf(a) < textOf(b) ? -1 : 1),
  );
  const shown = largest.slice(0, MOST_COHORTS);
  return {
    countedAtMs: preview.countedMs,
    looked,
    unreadable,
    ofProduct,
    members,
    ...(withoutArtifact > 0 && { withoutArtifact }),
    heldBack,
    served,
    firstStage: firstStageOf(document, preview),
    notServed: Object.entries(preview.refused)
      .map(([rule, devices]) => ({ rule, devices }))
      .sort((a, b) => b.devices - a.devices || (a.rule < b.rule ? -1 : 1)),
    cohorts: shown.map(({ from, ...cohort }) => ({ ...cohort, ...(from !== '' && { from }) })),
    otherCohorts: members - shown.reduce((sum, { devices }) => sum + devices, 0),
  };
}

const textOf = ({ hardware, from }: PreviewCohort): string => `${hardware} ${from}`;

/** How many members the first stage may expose, and how many of all that are served it could. */
function firstStageOf(
  document: RolloutDocument,
  { members, withoutArtifact, served, tagged, taggedServed }: Preview,
): PreviewCount['firstStage'] {
  const stage = stageAt(document, 0);
  const { name } = stage;
  if (stage.kind === 'tag') return { name, tag: stage.tag, devices: tagged, served: taggedServed };
  const reachable = members - withoutArtifact;
  const ceiling = ceilingOfStage(document, 0, reachable);
  return { name, devices: Math.min(ceiling, reachable), served: Math.min(ceiling, served) };
}
