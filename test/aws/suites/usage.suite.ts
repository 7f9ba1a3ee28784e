import { describe, expect, test } from '@jest/globals';
import type { Parts } from './parts.ts';

/** What the processes of functions write that they used, against what their requests were. */
export function describeUsage({ home }: Parts): void {
  describe('usage, as the functions meter it', () => {
    test('is told by every function, in lines of the embedded metric format', () => {
      const heardOf = home().usage.heardOf;
      const names = home().functions.all.map(({ definition: { service, key } }) => `${service}/${key}`);
      expect(names.filter((name) => !heardOf.has(name))).toEqual([]);
    });

    test('agrees with what the services saw: table units, queue requests, events and messages to devices', () => {
      const { tableReadUnits, tableWriteUnits, queueRequests } = home().usage.told;
      for (const sum of [tableReadUnits, tableWriteUnits, queueRequests]) expect(sum).toBeGreaterThan(0);
      expect(home().usage.audited.size).toBeGreaterThan(home().functions.all.length / 4);
      expect(home().usage.disagreements).toEqual([]);
    });
  });
}
