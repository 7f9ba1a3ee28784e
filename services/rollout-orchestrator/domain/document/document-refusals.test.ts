import { describe, expect, test } from '@jest/globals';
import { parseDocument } from './parse-document.ts';
import { answerTo, least } from './testing/answer-to.ts';

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
