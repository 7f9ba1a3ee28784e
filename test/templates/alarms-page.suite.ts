import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type PackagedStack, ROOT } from '../../build/package-stacks.ts';
import { templateIn } from '../../build/packaged-functions.ts';
import { ofType } from '../../build/template.ts';

/** `docs/alarms.md` has a row for every alarm that is packaged, and none for another. */
export function describeAlarmsPage(stacks: () => readonly PackagedStack[], stage: string): void {
  describe('the page of alarms', () => {
    const page = readFileSync(path.join(ROOT, 'docs/alarms.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([\w-]+)` /gm)].map((match) => match[1] ?? '');
    const patterns = rows.map((row) => ({
      row,
      pattern: new RegExp(`^evenkeel-${stage}-${row.replace(/\b[A-Z]+\b/g, '[A-Za-z-]+')}$`),
    }));
    const names = () =>
      stacks().flatMap(({ folder }) =>
        ofType(templateIn(folder).Resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) =>
          String(Properties.AlarmName),
        ),
      );

    test('tells what to do at each', () => {
      const untold = names().filter((name) => !patterns.some(({ pattern }) => pattern.test(name)));
      expect([rows.length > 10, untold]).toEqual([true, []]);
    });

    test('tells of no alarm that there is not', () => {
      const told = patterns.filter(({ pattern }) => !names().some((name) => pattern.test(name)));
      expect(told.map(({ row }) => row)).toEqual([]);
    });
  });
}
