import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { forgetReport, type PackageReport, writeReport } from '../package-report.ts';
import { checkPackaged } from './packaged-before.ts';

const out = mkdtempSync(path.join(tmpdir(), 'evenkeel-packaged-before-'));
afterAll(() => rmSync(out, { recursive: true }));

const PLACE = { stage: 'test', region: 'eu-central-1' };
const REPORT: PackageReport = { ...PLACE, out, stacks: [], faults: [] };
const check = (place: Partial<typeof PLACE> = {}) => checkPackaged(out, { ...PLACE, ...place });

test('what packaging wrote to its end, without a fault, is deployed where it was packaged for', () => {
  writeReport(REPORT);
  expect(check).not.toThrow();
  expect(() => check({ region: 'eu-west-1' })).toThrow(
    `${out} was packaged for test in eu-central-1, and not for test in eu-west-1`,
  );
  expect(() => check({ stage: 'prod' })).toThrow('and not for prod in eu-central-1');
});

test('what packaging found faults in, or was interrupted at, is not', () => {
  writeReport({ ...REPORT, faults: ['firmware-storage: a queue without an alarm'] });
  expect(check).toThrow(`${out} must not be deployed:\n  firmware-storage: a queue without an alarm`);
  forgetReport(out);
  expect(check).toThrow(`npm run package has not written ${out} to its end`);
  expect(check).toThrow(expect.objectContaining({ advice: expect.stringContaining('npm run package') }));
});
