import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '#shared/errors/errors.ts';
import { uploadBegun, uploadCompleted, uploadJudged } from './artifact-states.ts';
import { type ArtifactState, draftRelease, type Release } from './release.ts';
import { NEXT_STATES, published, revoked, withdrawn } from './release-states.ts';

const HARDWARE = ['cam-rev-b', 'cam-rev-c', 'cam-rev-d'];
const DRAFT = draftRelease(
  'acme',
  {
    v: 1,
    product: 'cam',
    version: '2.1.0',
    sequence: 7,
    artifacts: HARDWARE.map((hardware) => ({ hardware, sha256: 'a'.repeat(64), sizeBytes: 1 })),
  },
  { manifest: '', signature: { keyId: '', value: '' } },
  0,
);

/** Anything that can ever happen to a release. */
type Happening = (release: Release) => Release | undefined;
const BAD = { outcome: 'rejected', field: 'artifacts.0.sha256', rule: 'must be as signed' } as const;
const happening: fc.Arbitrary<Happening> = fc
  .tuple(fc.constantFrom(...HARDWARE), fc.integer({ min: 0, max: 99 }))
  .map(([hardware, kind]) => (release) => {
    if (kind < 15) return uploadBegun(release, hardware, `u${kind}`, release.artifacts[0]?.uploadId);
    if (kind < 35) return uploadCompleted(release, hardware);
    if (kind < 78) return uploadJudged(release, hardware, { outcome: 'verified' });
    if (kind < 80) return uploadJudged(release, hardware, BAD);
    if (kind < 90) return published(release, kind);
    if (kind < 94) return revoked(release, 'smoke');
    return withdrawn(release);
  });

/** Lets it happen; what is refused, or nothing new, leaves the release as it is. */
function after(release: Release, happen: Happening): Release {
  try {
    return happen(release) ?? release;
  } catch (error) {
    if (error instanceof RefusedError) return release;
    throw error;
  }
}

const ARTIFACT_ORDER: readonly ArtifactState[] = ['awaiting-upload', 'verifying', 'verified', 'rejected'];
const NEVER_UNDONE: readonly ArtifactState[] = ['verified', 'rejected'];

describe('a release, whatever happens to it and in whatever order', () => {
  const always = (hold: (before: Release, now: Release) => void) =>
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60, size: 'max' }), (happenings) => {
        happenings.reduce((before, happen) => {
          const now = after(before, happen);
          hold(before, now);
          return now;
        }, DRAFT);
      }),
      { numRuns: 200 },
    );

  test('goes only along the edges of its state machine', () => {
    always((before, now) => {
      if (now.state !== before.state) expect(NEXT_STATES[before.state]).toContain(now.state);
    });
  });

  test('never moves an artifact back, nor undoes a verdict', () => {
    always((before, now) => {
      for (const [at, { state }] of before.artifacts.entries()) {
        const next = now.artifacts[at]?.state ?? 'awaiting-upload';
        expect(ARTIFACT_ORDER.indexOf(next)).toBeGreaterThanOrEqual(ARTIFACT_ORDER.indexOf(state));
        if (NEVER_UNDONE.includes(state)) expect(next).toBe(state);
      }
    });
  });

  test('is verified just when all its artifacts are, and rejected just when one is', () => {
    always((_, { state, artifacts }) => {
      const isWhole = artifacts.every((one) => one.state === 'verified');
      const isBroken = artifacts.some((one) => one.state === 'rejected');
      if (['verified', 'published', 'revoking'].includes(state)) expect(isWhole).toBe(true);
      if (state === 'draft') expect([isWhole, isBroken]).toEqual([false, false]);
      expect(state === 'rejected').toBe(isBroken);
    });
  });

  test('changes its revision with every change, and nothing of what was signed', () => {
    always((before, now) => {
      expect(now.revision).toBe(now === before ? before.revision : before.revision + 1);
      const signed = ({ manifest, signature, sequence, version }: Release) => ({
        manifest,
        signature,
        sequence,
        version,
      });
      expect(signed(now)).toEqual(signed(before));
    });
  });

  test('says why it was rejected or revoked', () => {
    always((_, { state, reason }) => {
      expect(reason === undefined).toBe(!['rejected', 'revoking', 'revoked'].includes(state));
    });
  });

  test('reaches every state', () => {
    const reached = new Set<string>();
    always((_, { state }) => reached.add(state));
    expect([...reached].sort()).toEqual(Object.keys(NEXT_STATES).sort());
  });
});
