import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const PROGRAM = path.join(import.meta.dirname, 'main.ts');

test.each([
  ['nowhere.bin', 'evenkeel: FIRMWARE: nowhere.bin cannot be read\n'],
  [import.meta.dirname, `evenkeel: FIRMWARE: ${import.meta.dirname} is a folder\n`],
])('a firmware that is none is told before anything is started: %s', async (firmware, stderr) => {
  const options = ['--disable-warning=ExperimentalWarning', PROGRAM, firmware];
  const ran = promisify(execFile)(process.execPath, options);
  await expect(ran).rejects.toMatchObject({ code: 2, stdout: '', stderr });
});
