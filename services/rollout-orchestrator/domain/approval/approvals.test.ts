import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ForbiddenError, RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import { digestOfDocument } from '../document/print-document.ts';
import { arbitraryDocument } from '../document/testing/arbitrary-document.ts';
import { type Approval, approvalsOf, isNewApproval } from './approvals.ts';

const ADA = 'operator:ada';
const BOB = 'operator:bob';
const SHA = 'a'.repeat(64);
const ITS = { createdBy: ADA, documentSha256: SHA };
const people = fc.constantFrom(ADA, BOB, 'operator:cem', 'operator:dee');
const approvals = fc.array(fc.record({ by: people, atMs: fc.nat() }), { maxLength: 20 });

describe('the approvals of a document', () => {
  test('are as many as different people gave who did not create it, whatever their order', () => {
    fc.assert(
      fc.property(fc.nat(10), approvals, (needed, given) => {
        const others = new Set(given.map(({ by }) => by).filter((by) => by !== ADA));
        const counted = approvalsOf({ approvals: needed }, ADA, given);
        expect(new Set(counted.given.map(({ by }) => by))).toEqual(others);
        expect(counted.given).toHaveLength(others.size);
        expect(counted.missing).toBe(Math.max(0, needed - others.size));
        const missing = approvalsOf({ approvals: needed }, ADA, given.toReversed()).missing;
        expect(missing).toBe(counted.missing);
      }),
    );
  });

  test('are none where it asks for none', () => {
    expect(approvalsOf({}, ADA, [])).toEqual({ needed: 0, given: [], missing: 0 });
  });

  test('are told oldest first, a person with the first of several', () => {
    const given = [3, 1, 2].map((atMs): Approval => ({ by: atMs === 2 ? 'operator:cem' : BOB, atMs }));
    expect(approvalsOf({ approvals: 2 }, ADA, given).given).toEqual([
      { by: BOB, atMs: 1 },
      { by: 'operator:cem', atMs: 2 },
    ]);
  });
});

describe('an approval', () => {
  const already = (needed: number, ...given: string[]) =>
    approvalsOf(
      { approvals: needed },
      ADA,
      given.map((by, atMs) => ({ by, atMs })),
    );

  test('of somebody else is new once', () => {
    expect(isNewApproval(already(2), { by: BOB, documentSha256: SHA }, ITS)).toBe(true);
    expect(isNewApproval(already(2, BOB), { by: BOB, documentSha256: SHA }, ITS)).toBe(false);
    expect(isNewApproval(already(1, BOB), { by: BOB, documentSha256: SHA }, ITS)).toBe(false);
  });

  test.each([
    ['of another document', already(1), { by: BOB, documentSha256: 'b'.repeat(64) }, RefusedError],
    ['by who created it', already(1), { by: ADA, documentSha256: SHA }, ForbiddenError],
    ['where none is asked for', already(0), { by: BOB, documentSha256: SHA }, WrongStateError],
    ['where none is missing', already(1, 'operator:cem'), { by: BOB, documentSha256: SHA }, WrongStateError],
  ])('%s is refused', (_, given, asked, kind) => {
    expect(() => isNewApproval(given, asked, ITS)).toThrow(kind);
  });
});

test('a document has one digest, and another document another', () => {
  fc.assert(
    fc.property(arbitraryDocument, fc.integer({ min: 1, max: 1000 }), (document, by) => {
      const turned = Object.fromEntries(Object.entries(document).reverse()) as typeof document;
      expect(digestOfDocument(turned)).toBe(digestOfDocument(document));
      const changed = { ...document, priority: (document.priority + by) % 1001 };
      expect(digestOfDocument(changed)).not.toBe(digestOfDocument(document));
    }),
  );
});
