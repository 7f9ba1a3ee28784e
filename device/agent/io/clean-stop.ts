import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '#shared/program/error-code.ts';
import { replaceFile } from './replace-file.ts';

/** Linux: random per boot of the machine (random(4)). */
const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';
const NAME = 'stopped';

/**
 * Which boot of the machine this is; `undefined` where the system does not say. A start is only taken for the same boot where this
 * was known both times.
 */
export async function machineBoot(): Promise<string | undefined> {
  try {
    return (await readFile(BOOT_ID_PATH, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Keeps that the process in this directory was told to stop and did so, in that boot of the machine. */
export async function noteCleanStop(directory: string, boot: string | undefined): Promise<void> {
  if (boot !== undefined) await replaceFile(join(directory, NAME), boot, { durable: false });
}

/**
 * Whether the process before ended because it was told to, in this very boot of the machine. Answers so once: where the note cannot be
 * taken away it would speak for a crash as well, and is not believed.
 */
export async function takeCleanStop(directory: string, boot: string | undefined): Promise<boolean> {
  const path = join(directory, NAME);
  try {
    const noted = await readFile(path, 'utf8');
    await rm(path);
    return boot !== undefined && noted === boot;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
