import { describe, expect, test } from '@jest/globals';
import { committedKept } from '../../build/kept/committed.ts';
import { keptIn } from '../../build/kept/kept.ts';
import { changesSince } from '../../build/kept/kept-changes.ts';
import type { PackagedStack } from '../../build/package-stacks.ts';
import { templateIn } from '../../build/packaged-functions.ts';

/** What stages hold, and an update must leave: the packaged templates beside what is committed. */
export function describeKept(stacks: () => readonly PackagedStack[], stage: string): void {
  describe('what deployed stages hold', () => {
    test('is left as it is committed by every template, and all of it is committed', () => {
      const found = stacks().flatMap(({ name, folder }) =>
        changesSince(committedKept()[name], keptIn(templateIn(folder), stage)).map((change) => [
          name,
          change,
        ]),
      );
      expect(found).toEqual([]);
    });

    test('is in no stack that is there no more', () => {
      expect(Object.keys(committedKept()).sort()).toEqual(
        stacks()
          .map(({ name }) => name)
          .sort(),
      );
    });
  });
}
