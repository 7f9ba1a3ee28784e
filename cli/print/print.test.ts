import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { ApiError, FailedError, NotLoggedInError, UnreachableError, UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { runningRollout } from '../testing/running-rollout.ts';
import { screenAfter } from '../testing/screen.ts';
import { auditText } from './audit.ts';
import { bar } from './bar.ts';
import { bulkProgress } from './bulk-progress.ts';
import { failureOf } from './failure.ts';
import { LiveText } from './live-text.ts';
import { plain } from './plain.ts';
import { pushProgress } from './push-progress.ts';
import { reportsText } from './reports.ts';
import { cohortsText, failuresText, rolloutText, summaryLine } from './rollout.ts';
import { rolloutDevicesText } from './rollout-devices.ts';
import { documentPreview, preview } from './rollout-preview.ts';
import { facts, table } from './table.ts';
import { ago, bytes, duration, moment, percent } from './units.ts';

describe('units', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [20_971_520, '20.0 MiB'],
    [1536, '1.5 KiB'],
  ])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text));

  test.each([
    [350, '350 ms'],
    [12_999, '12 s'],
    [200_000, '3m 20s'],
    [3_600_000, '1h'],
    [187_200_000, '2d 4h'],
  ])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

  test('moments are in UTC, and what is now is just now', () => {
    expect(moment(Date.UTC(2026, 11, 1))).toBe('2026-12-01 00:00:00Z');
    expect([ago(1000, 1500), ago(1000, 61_000)]).toEqual(['just now', '1m ago']);
  });

  test.each([
    [0, '0 %'],
    [0.001, '0.1 %'],
    [0.05, '5 %'],
    [0.999, '99 %'],
    [1, '100 %'],
  ])('a share of %d is %s: only a whole one is 100 %%', (share, text) => expect(percent(share)).toBe(text));
});

test('the audit log says what was excused', () => {
  const entry = {
    id: 'a',
    about: 'rollout#a',
    atMs: 0,
    actor: 'operator:bob',
    action: 'resume',
    reason: 'power cut',
  };
  const excuse = { devices: ['cam-1', 'cam-2'], reasons: ['battery'] };
  const text = auditText([{ ...entry, excuse }], 'rollout#a');
  expect(text).toContain('power cut; excused devices: cam-1, cam-2; excused reasons: battery');
});

describe('a bar', () => {
  test('is as wide as asked, full only for a whole share and empty only for none', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2 }), fc.integer({ min: 2, max: 60 }), (share, width) => {
        const text = bar(share, width);
        expect(text).toHaveLength(width);
        expect(!text.includes('░')).toBe(share >= 1);
        expect(!text.includes('█')).toBe(!(share > 0));
      }),
    );
  });
});

describe('a table', () => {
  const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' }, { title: 'NOTE' }] as const;

  test('aligns its columns and ends no line with spaces', () => {
    const text = table(columns, [
      ['cam', '7', 'first'],
      ['doorbell', '1000', ''],
    ]);
    expect(text).toBe('NAME      COUNT  NOTE\ncam           7  first\ndoorbell   1000\n');
  });

  test('leaves out a column that has nothing to say', () => {
    expect(table(columns, [['cam', '7', '']])).toBe('NAME  COUNT\ncam       7\n');
  });

  test('facts stand under each other, those that are not known are left out', () => {
    expect(
      facts([
        ['state', 'running'],
        ['reason', undefined],
        ['halts at', '2 of 12'],
      ]),
    ).toBe('state     running\nhalts at  2 of 12\n');
  });

  test('devices of a rollout stand in columns, with what became of each and since when', () => {
    const device = {
      ...{ deviceId: 'cam-1', hardware: 'cam-rev-b', from: '1.0.0', attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E' },
      ...{
        state: 'silent',
        transient: false,
        excused: true,
        recovered: true,
        grantedAtMs: 0,
        endedAtMs: 60_000,
      },
    };
    const failed = { ...device, deviceId: 'cam-22', from: '2\u001b[2J', state: 'failed', reason: 'no-space' };
    const plainly = { transient: true, excused: false, recovered: false };
    const unreadable = [{ deviceId: 'cam-3', what: 'device acme:cam-3: \u202efloor' }];
    const text = rolloutDevicesText({ devices: [device, { ...failed, ...plainly }], unreadable }, 120_000);
    expect(text.split('\n')).toEqual([
      'DEVICE  HARDWARE   FROM   END                          REASON    SINCE   ATTEMPT',
      'cam-1   cam-rev-b  1.0.0  silent (excused), recovered            1m ago  01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
      'cam-22  cam-rev-b  2?[2J  failed (transient)           no-space  1m ago  01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
      '',
      'UNREADABLE  WHAT',
      'cam-3       device acme:cam-3: ?floor',
      '',
    ]);
    expect(rolloutDevicesText({ devices: [], unreadable: [] }, 0)).toBe('no such device\n');
  });

  test('a rollout that has stalled says so, and why', () => {
    const why = '3 of 50 confirmed in stage canary';
    const view = runningRollout({ stalled: true, reason: why });
    expect(rolloutText(view)).toContain(`state     running, stalled: ${why}\n`);
    expect(summaryLine(view)).toContain(`stalled: ${why}`);
    expect(rolloutText(runningRollout())).not.toContain('stalled');
  });

  test('reports stand in columns, an event a line, and no detail moves the cursor', () => {
    const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
    const event = { seq: 1, state: 'installing' as const, uptimeMs: 10 };
    const detail = 'sector 7\u001b[2J\r\nall good\u202e';
    const failed = { ...event, seq: 2, state: 'failed' as const, reason: 'flash-write', detail };
    const report = {
      ...{
        v: 1 as const,
        rollout,
        attempt: rollout,
        hardware: 'cam-rev-b',
        target: '2.1.0',
        bootId: 'boot-12345',
      },
      events: [event, failed],
    };
    expect(reportsText([{ thing: 'acme:cam-1', atMs: 0, report }]).split('\n')).toEqual([
      'RECEIVED              ROLLOUT                     TARGET  SEQ  STATE       REASON       DETAIL',
      `1970-01-01 00:00:00Z  ${rollout}  2.1.0   1    installing`,
      `1970-01-01 00:00:00Z  ${rollout}  2.1.0   2    failed      flash-write  sector 7?[2J??all good?`,
      '',
    ]);
  });

  test('nothing that a device says can move the cursor, add a line or reorder what is read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come through
        expect(plain(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    const hostile = table([{ title: 'REASON' }], [['\u001b[2Jall good\r\n\u202edoog']]);
    expect(hostile).toBe('REASON\n?[2Jall good???doog\n');
  });
});

describe('text that is drawn over itself', () => {
  const drawn = (...texts: readonly string[]) => {
    let out = '';
    const live = new LiveText(
      (text) => {
        out += text;
      },
      () => ({ columns: 40, rows: 5 }),
    );
    for (const text of texts) live.draw(text);
    return screenAfter(out);
  };

  test('shows the last drawing only', () => {
    expect(drawn('one\ntwo\n', 'three\nfour\n')).toEqual(['three', 'four']);
  });

  test('leaves nothing of a longer drawing before', () => {
    expect(drawn('a\nb\nc\n', 'longer line\n', 'x\ny\n')).toEqual(['x', 'y']);
  });

  test('is cut to the terminal, so that a line is one line and all of it can be drawn over', () => {
    const lines = drawn('x'.repeat(100), `${'many\n'.repeat(10)}`);
    expect(lines).toEqual(['many', 'many', 'many', 'many']);
    expect(drawn('x'.repeat(100))).toEqual(['x'.repeat(39)]);
  });
});

/** A terminal, or none, of which only standard error is looked at. */
const ioOf = (errIsTerminal: boolean, world: VirtualWorld, err: Io['err']): Io => ({
  ...{ errIsTerminal, outIsTerminal: false, env: {}, ask: undefined, world, err },
  out: () => undefined,
  size: () => ({ columns: 120, rows: 30 }),
  untilStopped: () => new AbortController().signal,
});

describe('the progress of a push', () => {
  const progressOf = (errIsTerminal: boolean) => {
    let err = '';
    const world = new VirtualWorld();
    const progress = pushProgress(
      ioOf(errIsTerminal, world, (text) => {
        err += text;
      }),
    );
    for (let done = 0; done <= 1000; done++) {
      progress.show({ step: 'uploading', bytes: done * 1024, totalBytes: 1_024_000 });
    }
    progress.show({ step: 'verifying', bytes: 1_024_000, totalBytes: 1_024_000 });
    progress.end();
    return err;
  };

  test('is a line for every 10 % where there is no terminal', () => {
    const lines = progressOf(false).trimEnd().split('\n');
    expect(lines[0]).toBe('uploading 0 % of 1000.0 KiB');
    expect(lines).toHaveLength(12);
    expect(lines.at(-2)).toBe('uploading 100 % of 1000.0 KiB');
    expect(lines.at(-1)).toBe('verifying');
  });

  test('is one line on a terminal, redrawn no more often than it helps', () => {
    const err = progressOf(true);
    expect(screenAfter(err)).toEqual(['verifying  1000.0 KiB uploaded, waiting for the verdict']);
    expect(err.split('uploading').length - 1).toBeLessThan(5);
  });
});

describe('the progress of a list', () => {
  /** A run over 1,000 devices: the first half was there already and passes in a second, the rest at 10 a second. */
  const progressOf = async (errIsTerminal: boolean, ended = 1000) => {
    let err = '';
    const world = new VirtualWorld();
    const io = ioOf(errIsTerminal, world, (text) => {
      err += text;
    });
    const progress = bulkProgress(io, 'registering');
    for (let at = 1; at <= ended; at++) {
      await world.advance(at <= 500 ? 2 : at === 1000 ? 1 : 100);
      progress.show({ ended: at, failed: at >= 900 ? 3 : 0, total: 1000 });
    }
    progress.end();
    return err;
  };

  test('is a line each ten seconds where there is no terminal, with the rate of late and the time left', async () => {
    const lines = (await progressOf(false)).trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('registering: 500 of 1000, 500 a second, 1 s left');
    expect(lines[2]).toBe('registering: 700 of 1000, 10.0 a second, 30 s left');
    expect(lines[4]).toBe('registering: 900 of 1000, 10.0 a second, 10 s left, 3 failed');
  });

  test('is one line on a terminal', async () => {
    expect(screenAfter(await progressOf(true))).toEqual([
      expect.stringMatching(/^registering █{30} 1000 of 1000, 10\.1 a second, 0 ms left, 3 failed$/),
    ]);
  });

  test('is nothing for what takes less than a second', async () => {
    expect(await progressOf(true, 400)).toBe('');
  });
});

describe('a rollout', () => {
  test('says who is held back, and who has approved', () => {
    const untilMs = Date.UTC(2026, 0, 15);
    const view = runningRollout({
      holdOut: { share: '2%', untilMs, heldBack: 20 },
      approvals: {
        needed: 2,
        missing: 1,
        given: [{ by: 'operator:bob', atMs: untilMs }],
        documentSha256: 'a'.repeat(64),
      },
    });
    const text = rolloutText(view, untilMs - 1);
    expect(text).toMatch(/hold-out +2% of the devices, until 2026-01-15 00:00:00Z; 20 held back\n/);
    expect(text).toMatch(/approvals +1 of 2: operator:bob; 1 missing\n/);
    expect(rolloutText(view, untilMs)).toMatch(/hold-out +2% of the devices, over since 2026-01-15/);
  });

  const view = runningRollout();

  test('says its stages, window, evidence and where it halts', () => {
    const text = rolloutText(view, view.createdAtMs + 3_600_000);
    expect(text).toContain('halts at  2 of 12, 3 of 68');
    expect(text).toMatch(/✓ bench +█{24} 5\/5/);
    expect(text).toMatch(/> canary +█+░+ 40\/100 {2}35 of 50 confirmed/);
    expect(text).toMatch(/ {2}all +░{24} 40\/1000/);
    expect(text).toContain('window    8 of 30 used (window full)');
    expect(text).toMatch(/cam-rev-b from 2\.0\.0 +failed +1 of 40 +█+░+ 62 %/);
    expect(text).toContain('35 good, 1 silent');
    expect(text).toContain('1h ago');
  });

  test('says before its launch within what time devices have to check, where permits are direct', () => {
    const document = { permits: 'direct', permitFor: '10m', halt: { silentAfter: '30m' } };
    for (const print of [preview, documentPreview]) {
      expect(print({ ...view, document })).toContain(
        'check within  permitFor and halt.silentAfter together (10m and 30m), or a lost answer counts as silence\n',
      );
      expect(print({ ...view, document: { ...document, permits: 'asked' } })).not.toContain('check within');
    }
  });

  test('shows the tests nearest to their line first and says how many it leaves out', () => {
    const evidence = Array.from({ length: 20 }, (_, index) => ({
      ...{ scope: `cohort ${index}`, kind: 'failed', bad: 0, exposed: 1 },
      share: index / 20,
    })) as RolloutView['evidence'];
    const text = rolloutText({ ...view, evidence });
    expect(text).toContain('cohort 19');
    expect(text).not.toContain('cohort 11 ');
    expect(text).toContain('and 12 farther from their line');
  });

  test('as one line says what matters while it runs', () => {
    expect(summaryLine(view)).toBe(
      'running: stage canary, 40 of 100 exposed, 35 good, 1 bad, 4 on the way, window 8/30',
    );
    expect(summaryLine({ ...view, state: 'halted', reason: '2 of 10 bad' })).toMatch(
      /^halted: .*, 2 of 10 bad$/,
    );
  });

  test('counts a stage by the members that there are, not by a ceiling above them', () => {
    expect(summaryLine({ ...view, members: 60 })).toContain('40 of 60 exposed');
  });

  test('counts attempts by cohort, with a sum where there are several', () => {
    const [cohort] = view.cohorts;
    expect(cohortsText(view).trimEnd().split('\n')).toHaveLength(2);
    const two = {
      ...view,
      cohorts: [...view.cohorts, ...(cohort ? [{ ...cohort, hardware: 'cam-rev-c' }] : [])],
    };
    expect(cohortsText(two)).toMatch(/\nall /);
  });

  test('without failures says so', () => {
    expect(failuresText([])).toBe('no failures\n');
    const one = { reason: 'flash-write', hardware: 'cam-rev-b', version: '2.1.0', count: 3 };
    expect(failuresText([one])).toMatch(/flash-write +cam-rev-b +2\.1\.0 +3/);
  });
});

describe('a failure', () => {
  test.each([
    ['a refusal', new ApiError(400, { code: 'refused', message: 'x: y', field: 'x', rule: 'y' }), 1],
    ['no token', new ApiError(401, { code: 'unauthenticated', message: 'no' }), 3],
    ['the wrong role', new ApiError(403, { code: 'forbidden', message: 'no' }), 1],
    ['nobody there', new UnreachableError('gone', { mayHaveHappened: false }), 3],
    ['no target', new NotLoggedInError('none'), 3],
    ['a wrong command line', new UsageError('wrong'), 2],
    ['a rejected release', new FailedError('rejected', 'Push again.'), 1],
    ['what the contract refuses', new RefusedError('product', 'must be a name'), 1],
    ['a fault of ours', new TypeError('x is not a function'), 1],
  ])('%s ends with its exit code', (_, error, exitCode) => {
    expect(failureOf(error)).toMatchObject({ exitCode });
  });

  test('tells what to do next', () => {
    expect(failureOf(new NotLoggedInError('none')).advice).toMatch(/evenkeel login --data DIR/);
    expect(failureOf(new UnreachableError('gone', { mayHaveHappened: true })).advice).toMatch(
      /may have arrived/,
    );
    expect(failureOf(new UnreachableError('gone', { mayHaveHappened: false })).advice).toMatch(/npm start/);
  });
});
