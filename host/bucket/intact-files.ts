import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { EvenkeelError } from '#shared/errors/errors.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import type { PartFile } from './object-index.ts';

/** What was found of a file, as long as it has this size and was last written then. */
interface Finding {
  readonly state: string;
  readonly digest: Promise<string>;
}

/**
 * Knows which files still hold the bytes that came in: each is read once, when it is first wanted, and again when it was written since.
 * A device that gets other bytes than those that were signed says so of the release, and a healthy one would halt for a bad disk.
 */
export class IntactFiles {
  readonly #findings = new Map<string, Finding>();

  /** Throws `EvenkeelError` `damaged-file` for a file at `path` that is gone or holds anything else than its row says. */
  async check({ file, etag }: Pick<PartFile, 'file' | 'etag'>, path: string): Promise<void> {
    try {
      const { mtimeMs, size } = await stat(path);
      const state = `${mtimeMs} ${size}`;
      let finding = this.#findings.get(file);
      if (finding?.state !== state) {
        finding = { state, digest: digestOf(path) };
        this.#findings.set(file, finding);
      }
      if ((await finding.digest) === etag) return;
    } catch (error) {
      this.forget(file);
      if (!isAbsent(error)) throw error;
      throw new EvenkeelError('damaged-file', `${path} is gone: restore it from a backup`, { cause: error });
    }
    throw new EvenkeelError('damaged-file', `${path} was changed on the disk: restore it from a backup`);
  }

  /** That file is no more. */
  forget(file: string): void {
    this.#findings.delete(file);
  }
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest);
  return digest.digest('hex');
}
