import { SimulatedWorld, type WorldView } from '../world/simulated-world.ts';
import { type Conditions, castOf } from './cast.ts';
import { Course } from './course.ts';
import type { Scenario } from './scenario.ts';
import { Story } from './story.ts';

/** Wednesday, 25 November 2026, 09:00 UTC. */
const START_MS = Date.UTC(2026, 10, 25, 9);

/** What came of a seed. */
export interface Outcome {
  readonly seed: string;
  /** The first thing that must not be; absent when all was well. */
  readonly violation?: string;
  readonly lines: readonly string[];
  readonly digest: string;
  /** How often each fault has happened, by name. */
  readonly faults: ReadonlyMap<string, number>;
  /** Instants that something happened at. */
  readonly steps: number;
  /** How long it was in simulated time. */
  readonly elapsedMs: number;
  /** How often each invariant had something to look at, by its number. */
  readonly looks: ReadonlyMap<string, number>;
}

/** How a history is lived through. */
export interface Way {
  /** Puts clock and chance of the process behind a view of its world, and back. */
  readonly useGlobals: (view?: WorldView) => void;
  /** The event log is kept, and has a digest. */
  readonly isTold: boolean;
}

/** Lives one history through, from an empty disk to the end of its recovery, or to the first violation. */
export async function runHistory(
  scenario: Scenario,
  conditions: Conditions,
  { useGlobals, isTold }: Way,
): Promise<Outcome> {
  const { seed } = scenario;
  const world = new SimulatedWorld(seed, START_MS);
  useGlobals(world.view('globals'));
  const story = new Story(() => world.nowMs, isTold);
  const cast = castOf(world, story, scenario, conditions);
  const { watch, faults, host } = cast;
  const course = new Course(cast, scenario);
  try {
    await course.live();
  } finally {
    host.dispose();
    useGlobals();
  }
  if (watch.violation !== undefined) story.tell('VIOLATION', watch.violation);
  return {
    seed,
    ...(watch.violation !== undefined && { violation: watch.violation }),
    lines: story.lines,
    digest: story.digest(),
    faults: faults.counts,
    steps: course.steps,
    elapsedMs: world.elapsedMs,
    looks: watch.looks,
  };
}
