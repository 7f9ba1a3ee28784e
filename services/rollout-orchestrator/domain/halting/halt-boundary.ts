import { lineLogOf, pooledAlpha } from './alpha-split.ts';
import { evidenceAgainst } from './mixture.ts';
import { UnreadableEvidenceError } from './unreadable-evidence.ts';

/** One point of the line: `bad` devices halt while at most `exposed` are in the test. */
export interface BoundaryPoint {
  readonly bad: number;
  readonly exposed: number;
}

/** Beyond this many exposed devices a boundary is not searched further. */
const FARTHEST = 1_000_000_000;

/**
 * Where ONE test with tolerated rate `p0` and its OWN chance `testAlpha` of a false halt says halt: for each number of bad
 * devices, from the least that can halt, the most exposed devices at which they still do. A whole rollout splits its alpha over
 * several tests; what its pooled test does is `pooledBoundary`.
 *
 * @throws UnreadableEvidenceError when `p0` or `testAlpha` is no rate that a test can have
 */
export function haltBoundary(p0: number, testAlpha: number, points = 3): readonly BoundaryPoint[] {
  if (!(testAlpha > 0 && testAlpha < 1)) {
    throw new UnreadableEvidenceError('testAlpha', `must lie between 0 and 1, not ${testAlpha}`);
  }
  const evidence = evidenceAgainst(p0);
  const line = lineLogOf(testAlpha);
  const boundary: BoundaryPoint[] = [];
  for (let bad = 1; boundary.length < points; bad += 1) {
    if (evidence(bad, bad) >= line) boundary.push({ bad, exposed: mostExposed(evidence, bad, line) });
  }
  return boundary;
}

/** The boundary of the pooled failure test in a rollout whose `falseHalt` is `alpha`, of which that test has its own share. */
export const pooledBoundary = (p0: number, alpha: number): readonly BoundaryPoint[] =>
  haltBoundary(p0, pooledAlpha(alpha, 'failureRate'));

/** The boundary in words for operators: `2 of 12, 3 of 68, 4 of 180`. */
export const boundaryText = (boundary: readonly BoundaryPoint[]): string =>
  boundary.map(({ bad, exposed }) => `${bad} of ${exposed}`).join(', ');

/** The evidence of a fixed number of bad devices falls as more are exposed, so that the last halting number is found by halving. */
function mostExposed(evidence: (k: number, n: number) => number, bad: number, line: number): number {
  let halts = bad;
  let passes = FARTHEST;
  while (passes - halts > 1) {
    const middle = Math.floor((halts + passes) / 2);
    if (evidence(bad, middle) >= line) halts = middle;
    else passes = middle;
  }
  return halts;
}
