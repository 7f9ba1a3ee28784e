import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigurationError } from '#shared/errors/errors.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The files of another version. */
export interface CheckedOut {
  readonly folder: string;
  /** Removes what was made for it. */
  remove(): void;
}

/**
 * The version that `what` names: a folder with a repository, or whatever git knows in this one (a branch, a tag, `HEAD~20`), whose
 * files are taken out into a folder of their own, beside the packages of this version. Throws `ConfigurationError` for anything else.
 */
export function checkOut(what: string): CheckedOut {
  if (existsSync(path.join(what, 'package.json')))
    return { folder: path.resolve(what), remove: () => undefined };
  const folder = mkdtempSync(path.join(tmpdir(), 'evenkeel-beside-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const archive = path.join(folder, 'version.tar');
    run(
      'git',
      ['-C', ROOT, 'archive', '--format=tar', `--output=${archive}`, '--end-of-options', what],
      what,
    );
    run('tar', ['-xf', archive, '-C', folder], what);
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function run(program: string, parameters: readonly string[], what: string): void {
  const { status, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  throw new ConfigurationError(
    `${what} is no folder with a package.json and nothing that git has here: ${why}`,
  );
}
