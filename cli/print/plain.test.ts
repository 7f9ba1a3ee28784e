import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plain } from './plain.ts';
import { table } from './table.ts';

test('nothing that a device says can move the cursor, add a line or reorder what is read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come through
      expect(plain(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u2028-\u202e\u2066-\u2069]/);
    }),
  );
  const hostile = table([{ title: 'REASON' }], [['\u001b[2Jall good\r\n\u202edoog']]);
  expect(hostile).toBe('REASON\n?[2Jall good???doog\n');
});
