import { expect, test } from '@jest/globals';
import { withMadePart } from './made-part.ts';

const PAGE =
  'before\n\n<!-- one -->\n\nold\n\n<!-- end -->\n\nbetween\n\n<!-- two -->\n<!-- end -->\nafter\n';

test('a part that a program makes is exchanged, and what people wrote stays', () => {
  const made = withMadePart(withMadePart(PAGE, '<!-- one -->', 'new\n'), '<!-- two -->', '$& two\n');
  expect(made).toBe(
    'before\n\n<!-- one -->\n\nnew\n\n<!-- end -->\n\nbetween\n\n<!-- two -->\n\n$& two\n\n<!-- end -->\nafter\n',
  );
  expect(withMadePart(made, '<!-- one -->', 'new\n')).toBe(made);
});

test('a page without a place for the part is refused rather than cut off', () => {
  expect(() => withMadePart(PAGE, '<!-- three -->', 'new')).toThrow('<!-- three -->');
  expect(() => withMadePart('<!-- one -->\nold\n', '<!-- one -->', 'new')).toThrow('<!-- end -->');
});
