import { benchBaseline } from './baseline.ts';
import type { BenchRun, Figure } from './bench-run.ts';
import { benchBricks } from './bricks.ts';
import { benchBundles } from './bundles.ts';
import { benchChecks } from './checks.ts';
import { benchConnections } from './connections.ts';
import { benchCost } from './cost.ts';
import { benchFleet, fleetPart } from './million.ts';
import { benchPermits } from './permits.ts';
import { benchStart } from './start.ts';

/** What is measured, printed and documented by itself: a section, or one size of fleet in the section `million`. */
export interface Part {
  readonly name: string;
  readonly measure: (run: BenchRun) => Promise<Figure[]>;
}

const whole =
  (name: string, measure: Part['measure']): ((run: BenchRun) => Part[]) =>
  () => [{ name, measure }];

/** The parts of each section, in the order in which all are measured. */
export const SECTIONS: Readonly<Record<string, (run: BenchRun) => Part[]>> = {
  baseline: whole('baseline', benchBaseline),
  start: whole('start', benchStart),
  bundles: whole('bundles', benchBundles),
  bricks: whole('bricks', benchBricks),
  checks: whole('checks', benchChecks),
  permits: whole('permits', benchPermits),
  connections: whole('connections', benchConnections),
  million: ({ fleets }) =>
    fleets.map((devices) => ({ name: fleetPart(devices), measure: (run) => benchFleet(run, devices) })),
  cost: whole('cost', benchCost),
};
