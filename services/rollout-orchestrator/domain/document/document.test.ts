import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { parseDocument } from './parse-document.ts';
import { printDocument } from './print-document.ts';
import { splitRelease } from './rollout-document.ts';
import { least } from './testing/answer-to.ts';
import { arbitraryDocument } from './testing/arbitrary-document.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const full = `
release: cam/2.1.0
selector: 'hardware in ("cam-rev-b", "cam-rev-c") and not tag("lab")'
holdOut: { share: 2%, for: 14d }
stages:
  - { name: bench,  tag: internal }
  - { name: canary, count: 100, gate: { minConfirmed: 50, bake: 1h } }
  - { name: early,  percent: 5, gate: { bake: 12h } }
  - { name: all,    percent: 100 }
halt: { failureRate: 0.1%, lostRate: 5%, falseHalt: 0.1%, silentAfter: 30m, then: pause }
pace: { firstWindow: 10, growth: 1, perMinute: 1000 }
window: { days: mon-fri, from: '02:00', to: '05:00', zone: device, fallbackZone: Europe/Vilnius }
start: 2026-12-01T00:00:00Z
approvals: 2
priority: 100
mode: forced
retry: { attempts: 1 }
standing: false
`;
describe('a rollout document', () => {
  test('is read with times in milliseconds, rates as fractions and shares as millionths', () => {
    expect(parseDocument(full)).toEqual({
      release: 'cam/2.1.0',
      selector: 'hardware in ("cam-rev-b", "cam-rev-c") and not tag("lab")',
      holdOut: { share: 20_000, forMs: 14 * DAY },
      stages: [
        { name: 'bench', kind: 'tag', tag: 'internal', gate: { bakeMs: 0 } },
        { name: 'canary', kind: 'count', count: 100, gate: { minConfirmed: 50, bakeMs: HOUR } },
        { name: 'early', kind: 'percent', share: 50_000, gate: { bakeMs: 12 * HOUR } },
        { name: 'all', kind: 'percent', share: 1_000_000 },
      ],
      halt: {
        failureRate: 0.001,
        lostRate: 0.05,
        falseHalt: 0.001,
        silentAfterMs: 30 * MINUTE,
        suspectAtLeastMs: 2 * MINUTE,
        installWithinMs: HOUR,
      },
      pace: { firstWindow: 10, growth: 1, perMinute: 1000 },
      window: {
        days: [1, 2, 3, 4, 5],
        fromMinute: 120,
        toMinute: 300,
        zone: 'device',
        fallbackZone: 'Europe/Vilnius',
      },
      startMs: Date.UTC(2026, 11, 1),
      permitForMs: 10 * MINUTE,
      permits: 'asked',
      settleMs: 7 * DAY,
      stallAfterMs: 7 * DAY,
      approvals: 2,
      priority: 100,
      retry: { attempts: 1 },
    });
  });

  test('needs a release, a selector and stages; all else has the defaults of the agreement', () => {
    const { window, startMs, approvals, holdOut, stages, selector, ...defaults } = parseDocument(full);
    expect([window?.zone, startMs, approvals, holdOut?.share, stages.length, selector.length]).toEqual([
      'device',
      1_796_083_200_000,
      2,
      20_000,
      4,
      57,
    ]);
    expect(parseDocument(least)).toEqual({
      ...defaults,
      selector: 'all',
      stages: [{ name: 'all', kind: 'percent', share: 1_000_000 }],
    });
  });

  test('takes its start with any offset', () => {
    const { startMs } = parseDocument({ ...least, start: '2026-12-01T02:00:00+02:00' });
    expect(startMs).toBe(Date.UTC(2026, 11, 1));
  });

  test('names product and version of its release', () => {
    expect(splitRelease(parseDocument(least).release)).toEqual({ product: 'cam', version: '2.1.0' });
  });

  test('is the same as YAML, as JSON text and as an object', () => {
    const object = printDocument(parseDocument(full));
    expect(parseDocument(JSON.stringify(object, undefined, '\t'))).toEqual(parseDocument(full));
    expect(parseDocument(object)).toEqual(parseDocument(full));
  });

  test('is the same after printing and reading, as object, YAML and JSON', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const printed = printDocument(document);
        expect(parseDocument(printed)).toEqual(document);
        expect(parseDocument(dump(printed))).toEqual(document);
        expect(parseDocument(JSON.stringify(printed))).toEqual(document);
      }),
      { numRuns: 300 },
    );
  });
});
