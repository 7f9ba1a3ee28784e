import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageStacks } from '../../build/package-stacks.ts';
import { AwsHome } from './aws-home.ts';
import { PLACE } from './stacks/place.ts';
import { behaviourOf, DEVICES, tagsOf, withinSecondsOf } from './story/fleet.ts';
import { Maker } from './story/maker.ts';
import { describeAudit } from './suites/audit.suite.ts';
import { describeBatches } from './suites/batches.suite.ts';
import { describeDirect } from './suites/direct.suite.ts';
import { describeGate } from './suites/gate.suite.ts';
import { describeLosses } from './suites/losses.suite.ts';
import { describeOperators } from './suites/operators.suite.ts';
import { describeReleases } from './suites/releases.suite.ts';
import { describeRights } from './suites/rights.suite.ts';
import { describeUsage } from './suites/usage.suite.ts';

/** Packaging takes a quarter of a minute on two idle cores, and much longer on busy ones. */
const PACKAGED_WITHIN_MS = 600_000;
/** A minute of a schedule lasts so long here. */
const MINUTE_SECONDS = 15;

/** Where all stacks were packaged before (`npm run package -- --stage test --out DIR`); they are packaged here unless told. */
const { EVENKEEL_PACKAGED: packagedBefore } = process.env;
let out: string;
let home: AwsHome;
let maker: Maker;

beforeAll(async () => {
  out = await mkdtemp(path.join(tmpdir(), 'evenkeel-packaged-'));
  if (packagedBefore === undefined) {
    const stacks = await packageStacks({ stage: PLACE.stage, region: PLACE.region, out });
    expect(stacks.flatMap(({ complaints }) => complaints)).toEqual([]);
  }
  home = await AwsHome.open({ packaged: packagedBefore ?? out, minuteSeconds: MINUTE_SECONDS });
  maker = await Maker.start(home, {
    devices: DEVICES,
    factoryVersion: '1.0.0',
    behaviourOf,
    tagsOf,
    withinSecondsOf,
  });
}, PACKAGED_WITHIN_MS);

afterAll(async () => {
  await maker?.stop();
  await home?.stop();
  await rm(out, { recursive: true });
});

test('every trigger may invoke its function, by the permissions in the templates', () => {
  expect(home.leave.faults).toEqual([]);
});

const parts = { home: () => home, maker: () => maker };
const { badRollout } = describeReleases(parts, (rollout) => {
  describeOperators(parts, rollout);
  describeDirect(parts);
  describeAudit(parts);
});
describeLosses(parts, badRollout);
describeBatches(parts, badRollout);
describeGate(parts);
describeRights(parts);
describeUsage(parts);
