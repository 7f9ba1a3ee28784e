import type { AwsHome } from '../aws-home.ts';
import type { Maker } from '../story/maker.ts';

/** What the suites share: it is there once the tests run. */
export interface Parts {
  readonly home: () => AwsHome;
  readonly maker: () => Maker;
}
