import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableRowError } from '../row/attributes.ts';
import { readStoredDocument } from './stored-document.ts';
import { arbitraryDocument } from './testing/arbitrary-document.ts';

describe('a document that a table has kept', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        expect(readStoredDocument(JSON.parse(JSON.stringify(document)))).toEqual(document);
      }),
    );
  });

  test('may be from before a device could be permitted directly', () => {
    fc.assert(
      fc.property(arbitraryDocument, ({ permits: _unsaid, ...before }) => {
        expect(readStoredDocument(before)).toEqual({ ...before, permits: 'asked' });
      }),
    );
  });

  test('is unreadable without any field that every document has', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.nat(), (document, at) => {
        const optional = ['holdOut', 'window', 'startMs', 'standing', 'approvals', 'permits'];
        const fields = Object.keys(document).filter((name) => !optional.includes(name));
        const { [fields[at % fields.length] as keyof typeof document]: _gone, ...rest } = document;
        expect(() => readStoredDocument(rest)).toThrow(UnreadableRowError);
      }),
    );
  });

  test.each([undefined, null, 'text', [], {}])('is not %j', (value) => {
    expect(() => readStoredDocument(value)).toThrow(UnreadableRowError);
  });
});
