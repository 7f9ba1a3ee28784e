import fc from 'fast-check';
import { ReportState } from '#shared/contracts/device/report.ts';
import type { Attempt } from './attempt.ts';
import type { AskedFact, AttemptContext, DeadlineFact, Fact, ReportFact, SightingFact } from './facts.ts';
import { openAttempt, type Permit } from './open-attempt.ts';

const MINUTE_MS = 60_000;

/** Durations of the attempts in tests. */
export const CONTEXT: AttemptContext = {
  silentAfterMs: 30 * MINUTE_MS,
  installWithinMs: 60 * MINUTE_MS,
  reconnectJitterMs: MINUTE_MS,
};

/** When the attempts in tests are granted; their permits live ten minutes. */
export const GRANTED_MS = Date.UTC(2026, 11, 1);
/** A time so many minutes after the permit. */
export const minute = (minutes: number): number => GRANTED_MS + minutes * MINUTE_MS;

/** A permit that any attempt may begin with. */
export const PERMIT: Permit = {
  id: '01ATTEMPT00000000000000001',
  number: 1,
  epoch: 3,
  cohort: 1,
  grantedMs: GRANTED_MS,
  permitEndMs: minute(10),
  target: { version: '2.1.0', digest: 'a'.repeat(64), sequence: 21 },
  from: '2.0.0',
  bootId: 'boot-old',
};

/** A new attempt; `over` replaces parts of its permit. */
export const granted = (over: Partial<Permit> = {}): Attempt => openAttempt({ ...PERMIT, ...over });

/** An attempt that began with its permit: the first request of the boot was heard two seconds before. */
export const begun = (over: Partial<Permit> = {}): Attempt =>
  granted({ begun: { asked: 1, atMs: GRANTED_MS - 2_000, context: CONTEXT }, ...over });

/** A request to begin at a minute after the permit, from the boot that asked for it unless told. */
export const asked = (number: number, atMinute: number, over: Partial<AskedFact> = {}): AskedFact => ({
  fact: 'asked',
  attempt: PERMIT.id,
  number,
  bootId: 'boot-old',
  atMs: minute(atMinute),
  again: true,
  ...over,
});

/** A report at a minute after the permit, from the boot that asked for it unless told. */
export const report = (
  state: ReportFact['state'],
  atMinute: number,
  over: Partial<ReportFact> = {},
): ReportFact => ({
  fact: 'report',
  attempt: PERMIT.id,
  seq: 1,
  state,
  bootId: 'boot-old',
  atMs: minute(atMinute),
  ...over,
});

/** A check at a minute after the permit: in a new boot, on the target and confirmed unless told. */
export const sighting = (atMinute: number, over: Partial<SightingFact> = {}): SightingFact => ({
  fact: 'sighting',
  version: '2.1.0',
  bootId: 'boot-new',
  confirmed: true,
  atMs: minute(atMinute),
  ...over,
});

/** A check that finds the device on its old version. */
export const onOld = (atMinute: number, over: Partial<SightingFact> = {}): SightingFact =>
  sighting(atMinute, { version: '2.0.0', ...over });

/** A look at the clock at a minute after the permit. */
export const deadline = (atMinute: number, over: Partial<DeadlineFact> = {}): DeadlineFact => ({
  fact: 'deadline',
  nowMs: minute(atMinute),
  ...over,
});

const seconds = fc.integer({ min: -60, max: 7_200 });
const boots = fc.constantFrom('boot-old', 'boot-new', 'boot-third');
const away = fc.option(fc.constantFrom(60, 7_200, 2_592_000), { nil: undefined });
const atMs = seconds.map((after) => GRANTED_MS + after * 1000);

/** Any fact about the attempt with that id, or now and then about another one, within two hours of its permit. */
export function anyFact(id: string): fc.Arbitrary<Fact> {
  const attempt = fc.oneof(
    { weight: 9, arbitrary: fc.constant(id) },
    fc.constant('01ATTEMPT0000000000000000X'),
  );
  return fc.oneof(
    fc
      .record({
        attempt,
        seq: fc.integer({ min: 1, max: 9 }),
        state: fc.constantFrom(...ReportState.options),
        reason: fc.option(fc.constantFrom('battery', 'flash-write'), { nil: undefined }),
        bootId: boots,
        atMs,
        backWithinSeconds: away,
      })
      .map(({ reason, backWithinSeconds, ...rest }) => ({
        fact: 'report' as const,
        ...rest,
        ...(reason !== undefined && { reason }),
        ...(backWithinSeconds !== undefined && { backWithinSeconds }),
      })),
    fc
      .record({
        version: fc.constantFrom('2.0.0', '2.1.0', '9.9.9'),
        bootId: boots,
        confirmed: fc.boolean(),
        atMs,
        last: fc.option(
          fc.record({ attempt, state: fc.constantFrom('installing', 'rebooting', 'failed', 'granted') }),
          { nil: undefined },
        ),
        backWithinSeconds: away,
      })
      .map(({ last, backWithinSeconds, ...rest }) => ({
        fact: 'sighting' as const,
        ...rest,
        ...(last !== undefined && { last }),
        ...(backWithinSeconds !== undefined && { backWithinSeconds }),
      })),
    atMs.map((nowMs) => ({ fact: 'deadline' as const, nowMs })),
    fc.record({ fact: fc.constant('withdrawn' as const), attempt, atMs }),
    fc.record({ fact: fc.constant('excused' as const), attempt, atMs }),
    fc.record({ fact: fc.constant('quarantined' as const), attempt, atMs }),
    fc.record({
      fact: fc.constant('asked' as const),
      attempt,
      number: fc.integer({ min: 1, max: 5 }),
      bootId: boots,
      atMs,
      again: fc.boolean(),
    }),
  );
}
