import { FLEET, provenShare, SCORED_AFTER_MS } from './fates.ts';

/** The pace of the other systems, devices a minute: the default of AWS IoT Jobs, and of a rollout document here. */
const PER_MINUTE = 1_000;
const MINUTE_MS = 60_000;

/** A rule of another system, on what it has heard: devices that have ended, and those of them that failed. */
export interface ThresholdRule {
  readonly name: string;
  /** Whether the rollout stops. */
  stops(ended: number, failed: number): boolean;
  /** How many devices may be exposed in all; the whole fleet where there are no stages. */
  reach(ended: number): number;
}

const atLeast = (most: number, after: number): Pick<ThresholdRule, 'stops' | 'reach'> => ({
  stops: (ended, failed) => ended >= after && failed >= most * ended,
  reach: () => FLEET,
});
const STAGES = [0.01, 0.1, 0.5, 1].map((share) => share * FLEET);
const MOST_FAILED = 0.02;

/** The rules that the table of docs/performance.md ("Halting") compares with. */
export const THRESHOLD_RULES: readonly ThresholdRule[] = [
  { name: 'abort at 10 % after 100', ...atLeast(0.1, 100) },
  { name: 'abort at 5 % after 1,000', ...atLeast(0.05, 1_000) },
  {
    name: 'stages 1/10/50/100 % with a 2 % limit',
    // A stage is judged when all of it has ended, as phased rollouts are.
    stops: (ended, failed) => STAGES.includes(ended) && failed > MOST_FAILED * ended,
    reach: (ended) => STAGES.find((stage) => stage > ended) ?? FLEET,
  },
];

/** Where a rule may stop without a brick: it begins to look, or a stage ends. */
const LOOKS = [...new Set([100, 1_000, ...STAGES])].sort((a, b) => a - b);

/** Bricks of a release under such a rule when every device's end is heard before the next one is exposed: the kindest case. */
export function bricksHeardAtOnce(rule: ThresholdRule, random: () => number, rate: number): number {
  let bricked = 0;
  let before = 0;
  // In between the share of failed devices only falls.
  for (let at = untilBrick(random, rate); at <= FLEET; at += untilBrick(random, rate)) {
    if (stopsBetween(rule, before, at, bricked)) return bricked;
    bricked += 1;
    if (rule.stops(at, bricked)) return bricked;
    before = at;
  }
  return bricked;
}

const stopsBetween = (rule: ThresholdRule, from: number, to: number, bricked: number): boolean =>
  LOOKS.some((look) => look >= from && look < to && rule.stops(look, bricked));

interface Batch {
  readonly good: number;
  readonly bricked: number;
}

/** Minutes after which all of a batch has ended. */
const ENDED_AFTER = Math.ceil(SCORED_AFTER_MS / MINUTE_MS);

/** The same with the delays that devices have, at a thousand a minute: a brick is heard of after half an hour of silence. */
export function bricksHeardLate(rule: ThresholdRule, random: () => number, rate: number): number {
  /** What was granted in the last minutes, the latest last. */
  const young: Batch[] = [];
  let old = { ended: 0, failed: 0 };
  let exposed = 0;
  let bricked = 0;
  for (let nextBrick = untilBrick(random, rate); ; ) {
    if (young.length >= ENDED_AFTER) {
      const { good = 0, bricked: failed = 0 } = young.shift() ?? {};
      old = { ended: old.ended + good + failed, failed: old.failed + failed };
    }
    const ended = young.reduce(
      (sum, { good }, at) => sum + Math.floor(good * provenShare((young.length - at) * MINUTE_MS)),
      old.ended,
    );
    if (rule.stops(ended, old.failed) || old.ended >= FLEET) return bricked;
    const upTo = Math.min(rule.reach(old.ended), exposed + PER_MINUTE);
    let bricks = 0;
    for (; nextBrick <= upTo; nextBrick += untilBrick(random, rate)) bricks += 1;
    young.push({ good: upTo - exposed - bricks, bricked: bricks });
    exposed = upTo;
    bricked += bricks;
  }
}

/** Devices up to and with the next one that bricks. */
const untilBrick = (random: () => number, rate: number): number =>
  rate >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(random()) / Math.log1p(-rate)));
