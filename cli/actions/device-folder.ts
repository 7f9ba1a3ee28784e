import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import { FailedError, UsageError } from '../errors.ts';
import { writeNewFile } from '../files.ts';

/** Files in the folder of a device. */
const FILES = {
  /** `{v, thing, endpoint, product, hardware}` */
  facts: 'device.json',
  certificate: 'certificate.pem',
  privateKey: 'key.pem',
  authority: 'authority.pem',
} as const;

const Facts = z.object({
  v: z.literal(1),
  thing: z.string(),
  endpoint: z.string(),
  product: z.string(),
  hardware: z.string(),
});

/** What a device needs to connect, and where it belongs. */
export interface DeviceContent {
  readonly thing: string;
  /** `host:port` of the broker. */
  readonly endpoint: string;
  readonly product: string;
  readonly hardware: string;
  readonly certificatePem: string;
  readonly authorityPem: string;
  /** Absent where the device made its key itself. */
  readonly privateKeyPem?: string | undefined;
}

/** Keeps a device's private key in a folder, for its owner only. */
export async function writePrivateKey(folder: string, pem: string): Promise<string> {
  const file = path.join(folder, FILES.privateKey);
  await writeNewFile(file, pem);
  return file;
}

/** Writes what a device needs into a folder, each file for its owner only, the facts last; answers the paths. */
export async function writeDeviceFiles(folder: string, content: DeviceContent): Promise<string[]> {
  const { thing, endpoint, product, hardware } = content;
  const facts: z.infer<typeof Facts> = { v: 1, thing, endpoint, product, hardware };
  const texts: readonly (readonly [string, string])[] = [
    [FILES.certificate, content.certificatePem],
    [FILES.authority, content.authorityPem],
    [FILES.facts, `${JSON.stringify(facts, undefined, 2)}\n`],
  ];
  const files: string[] = [];
  if (content.privateKeyPem !== undefined) files.push(await writePrivateKey(folder, content.privateKeyPem));
  for (const [name, text] of texts) {
    const file = path.join(folder, name);
    await writeNewFile(file, text);
    files.push(file);
  }
  return files;
}

/** A folder with all that a device needs. */
export interface DeviceFolder {
  readonly thing: string;
  readonly product: string;
  readonly hardware: string;
  readonly certificate: X509Certificate;
  /** Absent where the device made its key itself. */
  readonly privateKey: KeyObject | undefined;
}

/** Reads the folder of a device; `undefined` where there is none, or nothing in it. Throws `FailedError` where it is not whole. */
export async function readDeviceFolder(folder: string): Promise<DeviceFolder | undefined> {
  const names = await namesIn(folder);
  if (names.length === 0) return undefined;
  const read = (name: string) => readFile(path.join(folder, name), 'utf8');
  try {
    const facts = Facts.parse(parseJson(await read(FILES.facts)));
    const certificate = new X509Certificate(await read(FILES.certificate));
    const privateKey = names.includes(FILES.privateKey)
      ? createPrivateKey(await read(FILES.privateKey))
      : undefined;
    return { ...facts, certificate, privateKey };
  } catch (error) {
    throw new FailedError(
      `${folder} is there, but does not hold a whole device`,
      'Move it away: what is in it is not touched.',
      { cause: error },
    );
  }
}

/**
 * A folder that comes to be at once, with everything in it, or not at all: it is made beside its place, under a name of its own, and
 * renamed. A process that dies leaves what `finish` ends or `begin` clears away.
 */
export class NascentFolder {
  /** Where it is made. */
  readonly making: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.making = path.join(path.dirname(folder), `.${path.basename(folder)}.partial`);
  }

  /** Brings one that was whole when a process died to its place, unless something is there. */
  async recover(): Promise<void> {
    if ((await this.#isWhole()) && (await namesIn(this.#folder)).length === 0) await this.finish();
  }

  /** Names alone do not say it: a process may have died in the middle of the file that is written last. */
  async #isWhole(): Promise<boolean> {
    try {
      return (await readDeviceFolder(this.making)) !== undefined;
    } catch (error) {
      if (error instanceof FailedError) return false;
      throw error;
    }
  }

  /** Makes it anew, empty; throws `UsageError` where nothing can be written. */
  async begin(): Promise<void> {
    await this.drop();
    await orUsageError(`cannot write to ${this.making}`, mkdir(this.making, { mode: 0o700 }));
  }

  /** Puts it in its place; throws `UsageError` where that cannot be done. */
  async finish(): Promise<void> {
    await syncFolder(this.making);
    await orUsageError(`cannot make ${this.#folder}`, rename(this.making, this.#folder));
    await syncFolder(path.dirname(this.#folder));
  }

  /** Takes it away. */
  drop(): Promise<void> {
    return rm(this.making, { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw new UsageError(`cannot read ${folder}: ${String(error)}`, { cause: error });
  }
}

/** A rename is on disk once the folder around it is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orUsageError(what: string, doing: Promise<unknown>): Promise<void> {
  await doing.catch((error: unknown) => {
    throw new UsageError(`${what}: ${String(error)}`, { cause: error });
  });
}
