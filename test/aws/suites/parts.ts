import type { AwsHome } from '../aws-home.ts';
import type { FleetBench } from '../story/fleet-bench.ts';

/** What the suites share: it is there once the tests run. */
export interface Parts {
  readonly home: () => AwsHome;
  readonly bench: () => FleetBench;
}
