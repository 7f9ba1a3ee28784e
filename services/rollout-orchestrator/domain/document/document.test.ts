import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { RefusedError } from '#shared/errors/errors.ts';
import { parseDocument } from './parse-document.ts';
import { printDocument } from './print-document.ts';
import { splitRelease } from './rollout-document.ts';
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
const least = { release: 'cam/2.1.0', selector: 'all', stages: [{ name: 'all', percent: 100 }] };

/** `field: rule` of the refusal, or `accepted`. */
function answerTo(input: unknown): string {
  try {
    parseDocument(input);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return 'accepted';
}

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

describe('what a document may not hold', () => {
  test.each<[string, object, string]>([
    ['an unknown field', { speed: 1 }, 'speed: is not a known field'],
    [
      'an unknown field of a stage',
      { stages: [{ name: 'a', percent: 5, size: 1 }] },
      'stages.0.size: is not a known field',
    ],
    ['an unknown field of halt', { halt: { after: '1m' } }, 'halt.after: is not a known field'],
    [
      'an unknown field of a gate',
      {
        stages: [
          { name: 'a', percent: 5, gate: { soak: '1h' } },
          { name: 'b', percent: 9 },
        ],
      },
      'stages.0.gate.soak: is not a known field',
    ],
    [
      'an unknown field of the window',
      { window: { from: '01:00', to: '02:00', zone: 'UTC', tz: 1 } },
      'window.tz: is not a known field',
    ],
    ['no release', { release: undefined }, 'release: expected string, received undefined'],
    ['a release without version', { release: 'cam' }, 'release: must be <product>/<version>'],
    [
      'a selector that does not parse',
      { selector: 'hardware' },
      'selector: at 9: expected =, != or in, found the end',
    ],
    ['no selector', { selector: undefined }, 'selector: expected string, received undefined'],
    [
      'a time without zone',
      { start: '2026-12-01T00:00:00' },
      'start: must be a time with its zone, such as 2026-12-01T00:00:00Z',
    ],
    ['a time before all times', { start: '1969-12-31T23:59:59Z' }, 'start: must not be before 1970'],
    ['permits of fractions of seconds', { permitFor: '1500ms' }, 'permitFor: must be whole seconds'],
    ['a permit for no time', { permitFor: '0s' }, 'permitFor: must be between 1s and 1d'],
    ['a number as duration', { settle: 60 }, 'settle: must be a duration such as 30m, 12h or 7d'],
    ['a duration without unit', { settle: '60' }, 'settle: must be a duration such as 30m, 12h or 7d'],
    ['no attempts', { retry: { attempts: 0 } }, 'retry.attempts: expected number to be >=1'],
    ['no first window', { pace: { firstWindow: 0 } }, 'pace.firstWindow: expected number to be >=1'],
    ['a window that never grows', { pace: { growth: 0 } }, 'pace.growth: expected number to be >=0.1'],
    ['a crowd of approvers', { approvals: 11 }, 'approvals: expected number to be <=10'],
    ['less than no approver', { approvals: -1 }, 'approvals: expected number to be >=0'],
    ['half an approver', { approvals: 1.5 }, 'approvals: expected int, received number'],
    [
      'more held out than not',
      { holdOut: { share: '51%', for: '1d' } },
      'holdOut.share: must be at most 50%',
    ],
    [
      'a hold-out of nobody',
      { holdOut: { share: '0%', for: '1d' } },
      'holdOut.share: must be above 0% and at most 100%, with at most four digits after the point',
    ],
    [
      'a hold-out without end',
      { holdOut: { share: '2%' } },
      'holdOut.for: must be a duration such as 30m, 12h or 7d',
    ],
    [
      'a hold-out of a field more',
      { holdOut: { share: '2%', for: '1d', of: 'x' } },
      'holdOut.of: is not a known field',
    ],
    ['a boundless pace', { pace: { perMinute: null } }, 'pace.perMinute: expected number, received null'],
  ])('%s', (_, change, answer) => {
    expect(answerTo({ ...least, ...change })).toBe(answer);
  });

  test.each<[object, string]>([
    [{ permits: 'at-once' }, 'permits: must be asked or direct'],
    [{ permits: 'direct', within: '5m' }, 'within: is not a known field'],
    [{ mode: 'user-confirms' }, 'mode: user-confirms is not supported yet'],
    [{ mode: 'download-only' }, 'mode: download-only is not supported yet'],
    [{ mode: 'soft' }, 'mode: must be forced'],
    [{ standing: 'yes' }, 'standing: must be true or false'],
    // biome-ignore lint/suspicious/noThenProperty: the document calls it so.
    [{ halt: { then: { rollback: 'cam/2.1.1' } } }, 'halt.then: a rollback is not supported yet'],
    // biome-ignore lint/suspicious/noThenProperty: the document calls it so.
    [{ halt: { then: 'abort' } }, 'halt.then: must be pause'],
    [{ selector: 'group("eu")' }, 'selector: at 1: group() is not supported yet'],
  ])('%j is refused and not silently accepted', (change, answer) => {
    expect(answerTo({ ...least, ...change })).toBe(answer);
  });
});

describe('the stages of a document', () => {
  const answer = (...stages: object[]) => answerTo({ ...least, stages });

  test('must be one to twenty', () => {
    expect(answer()).toBe('stages: must hold at least one stage');
    const many = Array.from({ length: 21 }, (_, n) => ({ name: `s${n}`, count: n + 1 }));
    expect(answer(...many)).toBe('stages: must hold at most 20 stages');
    expect(answer(...many.slice(1))).toBe('accepted');
  });

  test('have exactly one of tag, count and percent', () => {
    const rule = 'stages.0: must have exactly one of tag, count and percent';
    expect(answer({ name: 'a' })).toBe(rule);
    expect(answer({ name: 'a', count: 1, percent: 1 })).toBe(rule);
    expect(answer({ name: 'a', tag: 'x', percent: 1 })).toBe(rule);
  });

  test('have names of their own', () => {
    expect(answer({ name: 'a', count: 1 }, { name: 'a', count: 2 })).toBe(
      'stages.1.name: must not repeat the name of another stage',
    );
  });

  test('are never below the one before, percent by percent and count by count', () => {
    const percent = 'stages.1.percent: must not be below that of stage a';
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', percent: 4.9999 })).toBe(percent);
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', percent: '5%' })).toBe('accepted');
    expect(answer({ name: 'a', count: 5 }, { name: 'b', count: 4 })).toBe(
      'stages.1.count: must not be below that of stage a',
    );
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', count: 1 }, { name: 'c', percent: 4 })).toBe(
      'stages.2.percent: must not be below that of stage a',
    );
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', count: 1 }, { name: 'c', percent: 6 })).toBe(
      'accepted',
    );
  });

  test('end with the one that is for everybody', () => {
    expect(answer({ name: 'a', percent: 100 }, { name: 'b', tag: 'late' })).toBe(
      'stages.1: adds nobody: stage a is for everybody',
    );
  });

  test.each([0, -1, 100.0001, 0.00001, Number.NaN, 'x', '5', '5.12345%', '101%', '1e1%', '0%', true])(
    'refuse %p percent',
    (percent) => {
      expect(answer({ name: 'a', percent })).toMatch(/^stages\.0\.percent: must be/);
    },
  );

  test.each([
    [0.0001, 1],
    [5, 50_000],
    ['12.5%', 125_000],
    ['100%', 1_000_000],
    [33.3333, 333_333],
  ])('take %p percent as %p millionths', (percent, share) => {
    expect(parseDocument({ ...least, stages: [{ name: 'a', percent }] }).stages[0]).toEqual({
      name: 'a',
      kind: 'percent',
      share,
    });
  });

  test('have a gate that can be passed', () => {
    const canary = (minConfirmed: number) => ({ name: 'a', count: 10, gate: { minConfirmed } });
    const all = { name: 'all', percent: 100 };
    expect(answer(canary(10), all)).toBe('accepted');
    expect(answer(canary(11), all)).toBe(
      "stages.0.gate.minConfirmed: must be at most the stage's count (10)",
    );
    expect(answer(canary(0), all)).toBe('stages.0.gate.minConfirmed: expected number to be >=1');
  });

  test('have no gate on the last one, which opens nothing', () => {
    expect(answer({ name: 'a', percent: 5, gate: {} })).toBe(
      'stages.0.gate: must not be given on the last stage: nothing opens after it',
    );
  });
});

describe('when a rollout halts', () => {
  const answer = (halt: object) => answerTo({ ...least, halt });

  test.each([
    ['failureRate', '50%', '50.0001%'],
    ['lostRate', '50%', '50.0001%'],
    ['falseHalt', '10%', '10.0001%'],
  ])('%s is above 0 and at most %s', (field, most, tooMuch) => {
    expect(answer({ [field]: most })).toBe('accepted');
    expect(answer({ [field]: '0.0001%' })).toBe('accepted');
    expect(answer({ [field]: tooMuch })).toBe(`halt.${field}: must be above 0% and at most ${most}`);
    expect(answer({ [field]: '0%' })).toBe(`halt.${field}: must be above 0% and at most ${most}`);
  });

  test('a rate without its sign is refused, because it could mean two things', () => {
    expect(answer({ failureRate: 0.1 })).toBe(
      'halt.failureRate: must be a percentage with its sign, such as 0.1%',
    );
    expect(answer({ failureRate: '0.1' })).toBe(
      'halt.failureRate: must be a percentage with its sign, such as 0.1%',
    );
  });

  test('silence is scored after a device is suspect', () => {
    expect(answer({ silentAfter: '2m' })).toBe('accepted');
    expect(answer({ silentAfter: '119s' })).toBe('halt.silentAfter: must be at least suspectAtLeast (2m)');
    expect(answer({ silentAfter: '2s', suspectAtLeast: '500ms' })).toBe('accepted');
  });
});

describe('the window of a document', () => {
  const answer = (window: object) =>
    answerTo({ ...least, window: { from: '02:00', to: '05:00', zone: 'UTC', ...window } });

  test.each<[object, string]>([
    [{}, 'accepted'],
    [{ from: '22:00', to: '04:00' }, 'accepted'],
    [{ from: '00:00', to: '24:00' }, 'accepted'],
    [{ from: '12:00', to: '12:00' }, "window.to: must differ from `from`; a whole day is '00:00' to '24:00'"],
    [{ from: '24:00' }, "window.from: must be before '24:00'"],
    [{ from: '00:00', to: '00:00' }, "window.to: must differ from `from`; a whole day is '00:00' to '24:00'"],
    [{ from: '05:00' }, "window.to: must differ from `from`; a whole day is '00:00' to '24:00'"],
    [{ to: '24:01' }, "window.to: must be a time of day between '00:00' and '24:00'"],
    [{ to: '5:00' }, "window.to: must be a time of day between '00:00' and '24:00'"],
    [{ to: '04:60' }, "window.to: must be a time of day between '00:00' and '24:00'"],
    [{ to: 300 }, "window.to: must be a time of day in quotes, such as '02:00'"],
    [{ zone: 'Mars/Olympus' }, 'window.zone: must be device or an IANA time zone such as Europe/Vilnius'],
    [{ zone: '' }, 'window.zone: must be device or an IANA time zone such as Europe/Vilnius'],
    [{ zone: undefined }, 'window.zone: must be device or an IANA time zone such as Europe/Vilnius'],
    [
      { zone: 'device' },
      'window.fallbackZone: must be given with zone: device, for devices that state no zone',
    ],
    [
      { zone: 'device', fallbackZone: 'Mars/Olympus' },
      'window.fallbackZone: must be an IANA time zone such as Europe/Vilnius',
    ],
    [{ fallbackZone: 'UTC' }, 'window.fallbackZone: is only for zone: device'],
    [{ days: 'monday' }, 'window.days: must be days such as mon-fri or sat,sun'],
    [{ days: 'mon-' }, 'window.days: must be days such as mon-fri or sat,sun'],
    [{ days: 'mon-wed-fri' }, 'window.days: must be days such as mon-fri or sat,sun'],
    [{ days: '' }, 'window.days: must be days such as mon-fri or sat,sun'],
    [{ days: ['mon'] }, 'window.days: must be days such as mon-fri or sat,sun'],
  ])('%j: %s', (window, expected) => {
    expect(answer(window)).toBe(expected);
  });

  test.each([
    ['mon-fri', [1, 2, 3, 4, 5]],
    ['sat,sun', [0, 6]],
    ['fri-mon', [0, 1, 5, 6]],
    ['fri-sun', [0, 5, 6]],
    ['mon, wed, mon-tue', [1, 2, 3]],
    ['sun', [0]],
  ])('days %s are %p', (days, expected) => {
    const window = { days, from: '02:00', to: '05:00', zone: 'UTC' };
    expect(parseDocument({ ...least, window }).window?.days).toEqual(expected);
  });
});
