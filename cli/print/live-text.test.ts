import { describe, expect, test } from '@jest/globals';
import { screenAfter } from '../testing/screen.ts';
import { LiveText } from './live-text.ts';

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
