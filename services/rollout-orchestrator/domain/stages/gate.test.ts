import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { documentWith } from '../document/testing/document-with.ts';
import { confirmedOfStage, evaluateGate, type GateVerdict, type StageEvidence } from './gate.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const opened = Date.UTC(2026, 11, 1);

const document = documentWith({
  halt: { failureRate: '1%' },
  stages: [
    { name: 'bench', tag: 'internal' },
    { name: 'canary', count: 100, gate: { minConfirmed: 30, bake: '1h' } },
    { name: 'early', percent: 5 },
    { name: 'all', percent: 100 },
  ],
});
const BENCH = 0;
const CANARY = 1;
const EARLY = 2;
const evidence: StageEvidence = {
  openedMs: opened,
  members: 10_000,
  taggedMembers: 4,
  exposedBefore: 0,
  exposed: 100,
  confirmed: 30,
  proven: 30,
  pending: 1,
  suspects: 0,
  evidenceSinceMs: opened,
};
const judge = (index: number, change: Partial<StageEvidence> = {}, nowMs = opened + HOUR): GateVerdict =>
  evaluateGate(document, index, { ...evidence, ...change }, nowMs);
const waitsFor = (verdict: GateVerdict): string => (verdict.opens ? 'nothing' : verdict.waitsFor);
/** The fewest confirmed with which the evidence suffices, of a stage that has exposed nobody yet unless told. */
const needed = (index: number, change: Partial<StageEvidence>): number => {
  const { exposedBefore: exposed = evidence.exposedBefore } = change;
  for (let confirmed = 0; ; confirmed += 1) {
    const verdict = judge(index, { suspects: 0, exposed, ...change, confirmed });
    if (!['evidence', 'reach'].includes(waitsFor(verdict))) return confirmed;
    if (confirmed > 100) throw new Error('never enough');
  }
};

describe('the gate of a stage', () => {
  test('opens when evidence, bake time and quiet hold', () => {
    expect(judge(CANARY)).toEqual({
      opens: true,
      evidenceSinceMs: opened,
      explanation: '30 confirmed in stage canary, 30 needed',
    });
    expect(judge(CANARY, { confirmed: 31 })).toMatchObject({
      explanation: '31 confirmed in stage canary, 30 needed',
    });
  });

  test('waits for the last of the confirmed devices', () => {
    const verdict = judge(CANARY, { confirmed: 29 });
    expect(verdict).toMatchObject({
      opens: false,
      waitsFor: 'evidence',
      explanation: '29 of 30 confirmed in stage canary',
    });
  });

  test('is stalled at once where nothing that is left could make it hold', () => {
    const stalled = (change: Partial<StageEvidence>) => {
      const verdict = judge(CANARY, { confirmed: 29, ...change });
      return !verdict.opens && verdict.stalled;
    };
    expect(stalled({ exposed: 100, pending: 1 })).toBe(false);
    expect(stalled({ exposed: 99, pending: 0 })).toBe(false);
    expect(stalled({ exposed: 100, pending: 0 })).toBe(true);
    expect(judge(CANARY, { confirmed: 0, exposed: 0, members: 29 })).toMatchObject({
      stalled: true,
      explanation: '0 of 30 confirmed in stage canary, which can expose only 29',
    });
    expect(stalled({ exposed: 0, members: 30 })).toBe(false);
    expect(judge(BENCH, { confirmed: 0, exposed: 0, taggedMembers: 0 })).toMatchObject({
      stalled: true,
      waitsFor: 'reach',
      explanation: '0 of 1 confirmed in stage bench, which can expose only 0: no member has the tag internal',
    });
  });

  test('bakes from the moment the evidence sufficed, not from the opening', () => {
    const { evidenceSinceMs, ...fresh } = evidence;
    expect(evidenceSinceMs).toBe(opened);
    const first = evaluateGate(document, CANARY, fresh, opened + 5 * HOUR);
    expect(first).toMatchObject({
      opens: false,
      waitsFor: 'bake',
      evidenceSinceMs: opened + 5 * HOUR,
      explanation: '30 confirmed in stage canary, 30 needed; bakes until 2026-12-01T06:00:00.000Z',
    });
    const since = { evidenceSinceMs: opened + 5 * HOUR };
    expect(waitsFor(judge(CANARY, since, opened + 6 * HOUR - 1))).toBe('bake');
    expect(waitsFor(judge(CANARY, since, opened + 6 * HOUR))).toBe('nothing');
  });

  test('waits for suspects beyond the tolerated rate of what the stage exposed', () => {
    expect(waitsFor(judge(CANARY, { suspects: 1, exposed: 100 }))).toBe('nothing');
    expect(waitsFor(judge(CANARY, { suspects: 1, exposed: 99 }))).toBe('quiet');
    expect(waitsFor(judge(CANARY, { suspects: 2, exposed: 100 }))).toBe('quiet');
    expect(waitsFor(judge(CANARY, { suspects: 1, exposed: 100, exposedBefore: 50 }))).toBe('quiet');
  });

  test('keeps the time since when the evidence suffices while it is not quiet', () => {
    expect(judge(CANARY, { suspects: 2 })).toMatchObject({ opens: false, evidenceSinceMs: opened });
  });

  test('forgets that time when the evidence suffices no more, because the fleet was counted anew', () => {
    expect(judge(CANARY, { confirmed: 29 })).not.toHaveProperty('evidenceSinceMs');
  });

  test('never opens anything after the last stage', () => {
    expect(waitsFor(judge(3))).toBe('last-stage');
    expect(judge(3, {}, opened + 100 * DAY)).toMatchObject({ stalled: false });
  });

  test('waits while members are not counted', () => {
    const { members, taggedMembers, ...uncounted } = evidence;
    expect([members, taggedMembers]).toEqual([10_000, 4]);
    expect(waitsFor(evaluateGate(document, CANARY, uncounted, opened + HOUR))).toBe('members');
    expect(waitsFor(evaluateGate(document, BENCH, uncounted, opened + HOUR))).toBe('members');
    const tagged = { ...uncounted, taggedMembers: 4, exposed: 4 };
    expect(waitsFor(evaluateGate(document, BENCH, tagged, opened + HOUR))).toBe('nothing');
  });

  test.each<[Partial<StageEvidence>]>([
    [{ confirmed: Number.NaN }],
    [{ confirmed: -1 }],
    [{ suspects: 0.5 }],
    [{ exposed: Number.POSITIVE_INFINITY }],
    [{ exposedBefore: Number.NaN }],
    [{ members: -5 }],
  ])('does not open on evidence that makes no sense: %j', (change) => {
    expect(waitsFor(judge(CANARY, change))).toBe('unreadable');
  });

  test('never opens with less evidence than it would wait for with more', () => {
    const count = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(
        fc.constantFrom(BENCH, CANARY, EARLY),
        count,
        count,
        count,
        (index, confirmed, suspects, before) => {
          const some = judge(index, { confirmed, suspects, exposedBefore: before });
          const more = judge(index, { confirmed: confirmed + 1, suspects, exposedBefore: before });
          const louder = judge(index, { confirmed, suspects: suspects + 1, exposedBefore: before });
          if (some.opens) expect(more.opens).toBe(true);
          if (louder.opens) expect(some.opens).toBe(true);
        },
      ),
    );
  });
});

describe('how many must be confirmed where the document does not say', () => {
  test('is half of what the stage may add, at most 50', () => {
    expect(needed(EARLY, { members: 2000, exposedBefore: 0 })).toBe(50);
    expect(needed(EARLY, { members: 2000, exposedBefore: 40 })).toBe(30);
    expect(needed(EARLY, { members: 2000, exposedBefore: 41 })).toBe(30);
    expect(needed(EARLY, { members: 1_000_000, exposedBefore: 100 })).toBe(50);
  });

  test('never exceeds what a small fleet can give', () => {
    expect(needed(EARLY, { members: 20, exposedBefore: 0 })).toBe(10);
    expect(needed(EARLY, { members: 1, exposedBefore: 0 })).toBe(1);
  });

  test('is nobody where the stage adds nobody after an earlier one', () => {
    expect(needed(EARLY, { members: 20, exposedBefore: 20 })).toBe(0);
  });

  test('is at least one where nobody has been exposed yet, or nobody carries the tag', () => {
    expect(needed(EARLY, { members: 0, exposedBefore: 0 })).toBe(1);
    expect(needed(BENCH, { taggedMembers: 0, exposedBefore: 0 })).toBe(1);
    expect(needed(BENCH, { taggedMembers: 0, exposedBefore: 50 })).toBe(1);
  });

  test('is half of those with the tag, whatever the fleet', () => {
    expect(needed(BENCH, { taggedMembers: 4 })).toBe(2);
    expect(needed(BENCH, { taggedMembers: 4, taggedBefore: 2, exposedBefore: 50 })).toBe(1);
    expect(needed(BENCH, { taggedMembers: 4, taggedBefore: 4, exposedBefore: 50 })).toBe(0);
    expect(needed(BENCH, { taggedMembers: 5 })).toBe(3);
    expect(needed(BENCH, { taggedMembers: 5000 })).toBe(50);
  });
});

describe('a stalled rollout', () => {
  test('has waited for evidence for stallAfter since the stage opened, and says for what', () => {
    const short = { confirmed: 29 };
    expect(judge(CANARY, short, opened + 7 * DAY - 1)).toMatchObject({ stalled: false });
    expect(judge(CANARY, short, opened + 7 * DAY)).toMatchObject({
      stalled: true,
      explanation: '29 of 30 confirmed in stage canary',
    });
  });

  test('is not one that bakes, however long', () => {
    const long = documentWith({
      stages: [
        { name: 'canary', count: 100, gate: { bake: '30d' } },
        { name: 'all', percent: 100 },
      ],
    });
    const verdict = evaluateGate(long, 0, { ...evidence, confirmed: 50 }, opened + 29 * DAY);
    expect(verdict).toMatchObject({ opens: false, waitsFor: 'bake', stalled: false });
  });

  test('counts suspects from the end of the bake time', () => {
    expect(judge(CANARY, { suspects: 9 }, opened + HOUR + 7 * DAY - 1)).toMatchObject({ stalled: false });
    expect(judge(CANARY, { suspects: 9 }, opened + HOUR + 7 * DAY)).toMatchObject({ stalled: true });
  });
});

describe('the confirmed of a stage', () => {
  test('leave out all that may have been granted before it opened', () => {
    expect(confirmedOfStage(100, 60, 10)).toBe(30);
    expect(confirmedOfStage(65, 60, 10)).toBe(0);
  });

  test('are never more than really are, whichever attempts become good first', () => {
    const outcomes = fc.array(fc.record({ inStage: fc.boolean(), good: fc.boolean() }), { maxLength: 50 });
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 0, max: 100 }), (all, goodBefore) => {
        const earlier = all.filter((one) => !one.inStage).length;
        const good = goodBefore + all.filter((one) => one.good).length;
        const really = all.filter((one) => one.good && one.inStage).length;
        expect(confirmedOfStage(good, goodBefore, earlier)).toBeLessThanOrEqual(really);
      }),
    );
  });
});
