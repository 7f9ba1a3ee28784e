import { describe, expect, test } from '@jest/globals';
import { reportRights, textOf } from '../rights/rights-report.ts';
import type { Parts } from './parts.ts';

/** Least privilege, both ways, over everything that the suites before have asked of AWS. */
export function describeRights({ home }: Parts): void {
  describe('rights', () => {
    test('are there for all that a function, a rule or a trigger did', () => {
      expect(home().gate.refusals).toEqual([]);
    });

    test('are needed: each by a request, or by a reason that is written down', () => {
      const report = reportRights(home());
      process.stdout.write(`${textOf(report)}\n`);
      expect(report.used.length).toBeGreaterThan(200);
      expect({ unexplained: report.unexplained, idleReasons: report.idleReasons }).toEqual({
        unexplained: [],
        idleReasons: [],
      });
    });
  });
}
