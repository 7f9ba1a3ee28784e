import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { askPerson } from './ask-person.ts';

/** What a person on a terminal who presses these keys has answered. */
function answerTo(keys: string): Promise<string> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const answer = askPerson('launch it? [y/N] ', { input, output });
  if (keys === '') input.end();
  else input.write(keys);
  return answer;
}

test.each([
  ['a yes', 'y\r', 'y'],
  ['only the end of a line', '\r', ''],
  ['ctrl-c', '\u0003', ''],
  ['ctrl-d', '\u0004', ''],
  ['a terminal that goes away', '', ''],
])('%s is an answer', async (_name, keys, answer) => {
  expect(await answerTo(keys)).toBe(answer);
});
