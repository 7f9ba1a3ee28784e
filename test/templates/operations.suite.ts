import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type PackagedStack, ROOT } from '../../build/package-stacks.ts';
import { templateIn } from '../../build/packaged-functions.ts';
import { ofType } from '../../build/template.ts';

/** What docs/operations.md says of alarms, against those of the packaged templates. */
export function describeOperations(stacks: () => readonly PackagedStack[]): void {
  const text = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
  const section = text.split('\n### Alarms\n')[1]?.split('\n### ')[0] ?? '';
  const told = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
  const named = (name: string) => new RegExp(`^${name.replaceAll('*', '.*')}$`);
  const alarms = () =>
    stacks()
      .flatMap(({ folder }) => ofType(templateIn(folder).Resources, 'AWS::CloudWatch::Alarm'))
      .map(([, { Properties }]) => String(Properties.AlarmName).replace(/^evenkeel-[a-z]+-/, ''));

  describe('the operations page', () => {
    test('says of every alarm what to do', () => {
      expect(alarms().length).toBeGreaterThan(20);
      expect(alarms().filter((alarm) => !told.some((name) => named(name).test(alarm)))).toEqual([]);
    });

    test('names no alarm that is not there', () => {
      expect(told.filter((name) => !alarms().some((alarm) => named(name).test(alarm)))).toEqual([]);
    });
  });
}
