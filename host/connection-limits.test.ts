import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { connectionLimits } from './connection-limits.ts';

test.each([
  { openFiles: 1_024, devices: 768, https: 128 },
  { openFiles: 20_000, devices: 15_000, https: 2_000 },
  { openFiles: 1_048_576, devices: 100_000, https: 2_000 },
  { openFiles: Number.POSITIVE_INFINITY, devices: 100_000, https: 2_000 },
])('of $openFiles files an eighth or more is left for what is no connection', ({ openFiles, ...limits }) => {
  expect(connectionLimits(openFiles)).toEqual(limits);
});

test('knows how many files the process may open', () => {
  const script = `import { openFileLimit } from '${path.join(import.meta.dirname, 'connection-limits.ts')}';
    console.log(openFileLimit());`;
  const told = execFileSync(
    'sh',
    ['-c', 'ulimit -n 321; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  );
  expect(told.trim()).toBe('321');
});
