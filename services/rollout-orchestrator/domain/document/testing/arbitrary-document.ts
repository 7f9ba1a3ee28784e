import fc from 'fast-check';
import { WHOLE } from '../../order/share.ts';
import { printSelector } from '../../selector/print-selector.ts';
import { arbitrarySelector } from '../../selector/testing/arbitrary-selector.ts';
import type { InstallWindow } from '../install-window.ts';
import type { RolloutDocument, Stage, StageReach } from '../rollout-document.ts';

const days = (atMost: number) => fc.integer({ min: 120_000, max: atMost * 86_400_000 });
const rate = (atMost: number) => fc.integer({ min: 1, max: atMost }).map((share) => share / WHOLE);
const rising = (max: number) =>
  fc
    .array(fc.integer({ min: 1, max }), { minLength: 1, maxLength: 4 })
    .map((all) => all.sort((a, b) => a - b));

const reaches: fc.Arbitrary<StageReach[]> = fc
  .record({
    tags: fc.subarray(['internal', 'lab']),
    counts: rising(100_000),
    shares: rising(WHOLE - 1),
    whole: fc.boolean(),
  })
  .map(({ tags, counts, shares, whole }) => [
    ...tags.map((tag): StageReach => ({ kind: 'tag', tag })),
    ...counts.map((count): StageReach => ({ kind: 'count', count })),
    ...shares.map((share): StageReach => ({ kind: 'percent', share })),
    ...(whole ? [{ kind: 'percent', share: WHOLE } as const] : []),
  ]);

const stages: fc.Arbitrary<Stage[]> = fc
  .tuple(reaches, fc.integer({ min: 1, max: 40 }), days(30))
  .map(([all, minConfirmed, bakeMs]) =>
    all.map((reach, index) => {
      const stage = { ...reach, name: `stage-${index}` };
      if (index === all.length - 1) return stage;
      const reachable = reach.kind !== 'count' || reach.count >= minConfirmed;
      return { ...stage, gate: reachable && index % 2 === 0 ? { minConfirmed, bakeMs } : { bakeMs } };
    }),
  );

const minute = fc.integer({ min: 0, max: 1439 });
/** Any install window that a document can state. */
export const arbitraryWindow: fc.Arbitrary<InstallWindow> = fc
  .record({
    days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
    fromMinute: minute,
    toMinute: minute,
    zone: fc.constantFrom('UTC', 'Europe/Vilnius', 'America/New_York', 'Asia/Kathmandu', 'device'),
  })
  .filter((window) => window.fromMinute !== window.toMinute)
  .map((window) => (window.zone === 'device' ? { ...window, fallbackZone: 'Europe/Vilnius' } : window));

/** Any document that is accepted, as it is after reading. */
export const arbitraryDocument: fc.Arbitrary<RolloutDocument> = fc.record(
  {
    release: fc.constantFrom('cam/2.1.0', 'lock/1.0.0-rc.1'),
    selector: arbitrarySelector.map(printSelector).filter((text) => text.length <= 2000),
    holdOut: fc.record({ share: fc.integer({ min: 1, max: WHOLE / 2 }), forMs: days(365) }),
    stages,
    halt: fc.record({
      failureRate: rate(500_000),
      lostRate: rate(500_000),
      falseHalt: rate(100_000),
      silentAfterMs: days(30),
      suspectAtLeastMs: fc.integer({ min: 100, max: 120_000 }),
      installWithinMs: days(7),
    }),
    pace: fc.record({
      firstWindow: fc.integer({ min: 1, max: 10_000 }),
      growth: fc.integer({ min: 1, max: 100 }).map((tenths) => tenths / 10),
      perMinute: fc.integer({ min: 1, max: 10_000_000 }),
    }),
    window: arbitraryWindow,
    startMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    permitForMs: fc.integer({ min: 1, max: 86_400 }).map((seconds) => seconds * 1000),
    permits: fc.constantFrom('asked', 'direct'),
    settleMs: days(365),
    standing: fc.constant(true as const),
    stallAfterMs: days(365),
    approvals: fc.integer({ min: 1, max: 10 }),
    priority: fc.integer({ min: 0, max: 1000 }),
    retry: fc.record({ attempts: fc.integer({ min: 1, max: 10 }) }),
  },
  {
    requiredKeys: [
      ...(['release', 'selector', 'stages', 'halt', 'pace', 'permitForMs', 'permits', 'settleMs'] as const),
      ...(['stallAfterMs', 'priority', 'retry'] as const),
    ],
  },
);
