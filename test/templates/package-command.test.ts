import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { faultsOf, type StackReport } from '../../build/package-report.ts';
import { ROOT } from '../../build/package-stacks.ts';
import { printedReport } from '../../build/print-report.ts';

const run = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(ROOT, 'build/package.ts'), ...args], { encoding: 'utf8' });

const stack = (change: Partial<StackReport> = {}): StackReport => ({
  name: 'telemetry-ingest',
  seconds: 1.24,
  resources: 50,
  functions: [
    { key: 'storeReports', triggers: ['sqs'], kilobytes: 608, budgetKilobytes: 750 },
    {
      key: 'getFailures',
      triggers: ['GET /rollouts/{rollout}/failures'],
      kilobytes: 407,
      budgetKilobytes: 550,
    },
  ],
  complaints: [],
  findings: [],
  ...change,
});

describe('npm run package', () => {
  test('teaches what it does', () => {
    const { stdout, status } = run('--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining('--canary')]);
  });

  test.each([
    ['--stage', 'Prod'],
    ['--stage', 'a-stage-whose-name-is-far-too-long'],
    // Which npm run deploy would refuse, a minute later.
    ['--stage', 'prod-'],
    ['--stage', 'myaws'],
    ['--region', 'moon'],
    ['--canary', 'maybe'],
  ])('refuses %s %s before it packages anything', (option, value) => {
    const { stderr, status } = run(option, value);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`${option} must`)]);
  });

  test('points a wrong option to --help, without a stack trace', () => {
    const { stderr, status } = run('--stagee', 'prod');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^evenkeel: Unknown option '--stagee'.*\n--help shows the options\.\n$/),
    ]);
  });

  test('prints functions with triggers and sizes, then stacks with findings', () => {
    expect(printedReport([stack()])).toBe(
      [
        'service           function      triggers                           KB  budget',
        'telemetry-ingest  storeReports  sqs                               608     750',
        'telemetry-ingest  getFailures   GET /rollouts/{rollout}/failures  407     550',
        '',
        'stack             functions  resources  findings  seconds',
        'telemetry-ingest          2         50         0      1.2',
        '',
      ].join('\n'),
    );
  });

  test('fails on a complaint, a bundle over its budget and a finding, and names each', () => {
    const tooLarge = { key: 'storeReports', triggers: [], kilobytes: 751, budgetKilobytes: 750 };
    const finding = {
      stack: 'telemetry-ingest',
      resource: 'Q',
      rule: 'queue-is-encrypted',
      message: 'must be so',
    };
    expect(faultsOf([stack()])).toEqual([]);
    expect(
      faultsOf([stack({ complaints: ['Warning: old'], functions: [tooLarge], findings: [finding] })]),
    ).toEqual([
      'telemetry-ingest: Warning: old',
      expect.stringContaining('the bundle of storeReports has 751 KB, and may have 750'),
      'telemetry-ingest: Q must be so (queue-is-encrypted)',
    ]);
  });
});
