import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { expect, test } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText, isUsageFault } from './failure-text.ts';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
const options = { data: { type: 'string' } } as const;

test.each([
  ['an unknown option', ['--date', '.'], /^host: Unknown option '--date'; see --help\n$/],
  [
    'an option without its value',
    ['--data'],
    /^host: Option '--data <value>' argument missing; see --help\n$/,
  ],
  ['a word too many', ['data'], /^host: Unexpected argument 'data'.*; see --help\n$/],
])('%s is told in one line with the way to the help, and is a fault of usage', (_what, args, text) => {
  const thrown = thrownBy(() => parseArgs({ args, options, allowPositionals: args[0] !== 'data' }));
  expect(failureText('host', thrown)).toMatch(text);
  expect(isUsageFault(thrown)).toBe(true);
});

test('an error that is thrown on purpose is told by its message', () => {
  const thrown = new ConfigurationError('--port must be 0 to 65535');
  expect(failureText('host', thrown)).toBe('host: --port must be 0 to 65535\n');
  expect(isUsageFault(thrown)).toBe(false);
});

test.each([
  ['a mistake in the program', () => (undefined as unknown as { x: number }).x],
  ['a mistake in a call of Node', () => Buffer.from(7 as unknown as string)],
])('%s is told with the place where it happened', (_what, run) => {
  const thrown = thrownBy(run);
  expect(failureText('host', thrown)).toMatch(/^host: TypeError.*\n +at /);
  expect(isUsageFault(thrown)).toBe(false);
});

test('what the operating system refuses and people can mend is told in one line', () => {
  const thrown = thrownBy(() => readdirSync(import.meta.filename));
  expect(failureText('host', thrown)).toMatch(/^host: ENOTDIR: not a directory.*failure-text\.test\.ts'\n$/);
});

test('what is no error is told as it is', () => {
  expect(failureText('host', 'out of order')).toBe('host: out of order\n');
});
