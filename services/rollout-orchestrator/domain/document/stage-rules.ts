import { RefusedError } from '#shared/errors/errors.ts';
import { WHOLE } from '../order/share.ts';
import type { DocumentFields } from './document-fields.ts';
import type { Gate, Stage, StageReach } from './rollout-document.ts';

type StageFields = DocumentFields['stages'][number];

/**
 * The stages of a document: each of exactly one kind, names unique, counts and shares cumulative and so never below an earlier
 * one, a gate on every stage but the last that can be passed at all. Throws `RefusedError` on `stages.<n>...`.
 */
export function readStages(fields: readonly StageFields[]): Stage[] {
  const stages = fields.map((one, index): Stage => {
    const last = index === fields.length - 1;
    const path = `stages.${index}`;
    if (fields.findIndex((other) => other.name === one.name) < index) {
      throw new RefusedError(`${path}.name`, 'must not repeat the name of another stage');
    }
    if (last && one.gate !== undefined) {
      throw new RefusedError(`${path}.gate`, 'must not be given on the last stage: nothing opens after it');
    }
    const reach = readReach(one, path);
    return last
      ? { name: one.name, ...reach }
      : { name: one.name, ...reach, gate: readGate(one, reach, path) };
  });
  for (const [index, stage] of stages.entries()) refuseShrinking(stages.slice(0, index), stage, index);
  return stages;
}

function readReach(one: StageFields, path: string): StageReach {
  const reaches: StageReach[] = [];
  if (one.tag !== undefined) reaches.push({ kind: 'tag', tag: one.tag });
  if (one.count !== undefined) reaches.push({ kind: 'count', count: one.count });
  if (one.percent !== undefined) reaches.push({ kind: 'percent', share: one.percent });
  const [reach] = reaches;
  if (reach === undefined || reaches.length > 1) {
    throw new RefusedError(path, 'must have exactly one of tag, count and percent');
  }
  return reach;
}

function readGate(one: StageFields, reach: StageReach, path: string): Gate {
  const minConfirmed = one.gate?.minConfirmed;
  if (minConfirmed !== undefined && reach.kind === 'count' && minConfirmed > reach.count) {
    throw new RefusedError(`${path}.gate.minConfirmed`, `must be at most the stage's count (${reach.count})`);
  }
  const bakeMs = one.gate?.bake ?? 0;
  return minConfirmed === undefined ? { bakeMs } : { minConfirmed, bakeMs };
}

/** Counts are compared with counts and shares with shares: which of a count and a share is higher depends on the fleet. */
function refuseShrinking(before: readonly Stage[], stage: Stage, index: number): void {
  for (const earlier of before) {
    if (stage.kind === 'percent' && earlier.kind === 'percent' && stage.share < earlier.share) {
      throw new RefusedError(`stages.${index}.percent`, `must not be below that of stage ${earlier.name}`);
    }
    if (stage.kind === 'count' && earlier.kind === 'count' && stage.count < earlier.count) {
      throw new RefusedError(`stages.${index}.count`, `must not be below that of stage ${earlier.name}`);
    }
    if (earlier.kind === 'percent' && earlier.share === WHOLE) {
      throw new RefusedError(`stages.${index}`, `adds nobody: stage ${earlier.name} is for everybody`);
    }
  }
}
