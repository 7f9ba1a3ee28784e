import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { checkOut } from './checked-out.ts';

const FUNCTION = 'services/rollout-orchestrator/functions/check-for-update/handler.ts';

test('a version that git knows is taken out beside the packages of this one, and is gone afterwards', () => {
  const { folder, remove } = checkOut('HEAD');
  expect(existsSync(path.join(folder, FUNCTION))).toBe(true);
  expect(existsSync(path.join(folder, 'node_modules/zod/package.json'))).toBe(true);
  remove();
  expect(existsSync(folder)).toBe(false);
});

test('a folder is taken as it is, and stays', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const { folder, remove } = checkOut(root);
  remove();
  expect(folder).toBe(root);
  expect(existsSync(path.join(folder, FUNCTION))).toBe(true);
});

test.each(['no-such-version', '--help'])('%s is refused with what git says of it', (what) => {
  expect(() => checkOut(what)).toThrow(ConfigurationError);
  expect(() => checkOut(what)).toThrow(
    `${what} is no folder with a package.json and nothing that git has here: `,
  );
});
