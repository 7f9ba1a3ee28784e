import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { report } from '../testing/events.ts';
import { readLine, toLine } from './log-line.ts';

describe('a line of the log', () => {
  test('brings back its report, whatever text the device put into it', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, text, (target, detail) => {
        const events = [{ seq: 1, state: 'progress' as const, uptimeMs: 1, detail }];
        const logged = { thing: 'acme:cam-1', atMs: 5, report: report({ target, events }) };
        const line = toLine(logged);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(readLine(line.trimEnd())).toEqual(logged);
      }),
    );
  });

  test('that is torn anywhere is no report', () => {
    const line = toLine({ thing: 'acme:cam-1', atMs: 5, report: report() }).trimEnd();
    fc.assert(
      fc.property(fc.nat(line.length - 1), (length) => {
        expect(readLine(line.slice(0, length))).toBeUndefined();
      }),
    );
  });

  test('that was not written here is no report', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(readLine(line)).toBeUndefined();
      }),
    );
  });
});
