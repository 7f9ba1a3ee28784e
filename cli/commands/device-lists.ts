import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import {
  DeviceListError,
  failuresText,
  LIST_BOUNDS,
  type ListedDevice,
  parseDeviceList,
} from '../bulk/device-list.ts';
import { type BulkResult, type Outcome, runBulk, type Turn } from '../bulk/run-bulk.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import { bulkProgress } from '../print/bulk-progress.ts';
import { bulkDocument, bulkText } from '../print/bulk-result.ts';
import { EXIT, failureOf } from '../print/failure.ts';
import { whole } from './arguments.ts';
import type { Session } from './session.ts';

/** Options of a command that takes a list of devices. */
export interface ListOptions {
  readonly file?: string;
  readonly perSecond?: number;
  readonly failed?: string;
}

/** Adds the options of a list to a command that may also be given one device; `perSecond` is what it does of a list unless told. */
export function takesList(command: Command, perSecond: number): Command {
  return command
    .option(
      '--file <list>',
      'devices: CSV with a header (id, and any of product, hardware, tags), or an id a line',
    )
    .option(
      '--per-second <n>',
      `with --file: devices that are changed in a second, at most (default: ${perSecond})`,
      whole(1, 1000),
    )
    .option('--failed <file>', 'with --file: where a list of those that failed goes, to be fed in again')
    .hook('preAction', (_, action) => {
      const { file, perSecond: asked, failed } = action.opts<ListOptions>();
      if (file === undefined && (asked !== undefined || failed !== undefined))
        throw new UsageError('--per-second and --failed go with --file');
    });
}

/** What a list is done with: its names in the summary and in the progress. */
export interface ListWork {
  /** `registered` */
  readonly done: string;
  /** `registering` */
  readonly doing: string;
  /** Devices a second, unless the person says it. */
  readonly perSecond: number;
  readonly each: (client: ApiClient, device: ListedDevice, turn: Turn) => Promise<Outcome>;
}

/** Reads a list whole, before anything is done with it. Throws `UsageError`; names each line that breaks a rule on standard error. */
export async function readList(session: Session, file: string): Promise<ListedDevice[]> {
  return toldProblems(session, async () => parseDeviceList(await bytesOf(file), file));
}

const MOST_PROBLEMS = 20;

/** Names what is wrong with a list, a line each, before the error that ends the command. */
export async function toldProblems<T>(session: Session, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof DeviceListError && error.problems.length > 1) {
      const more = error.problems.length - MOST_PROBLEMS;
      for (const problem of error.problems.slice(0, MOST_PROBLEMS)) session.note(`${problem}\n`);
      if (more > 0) session.note(`and ${more} more\n`);
    }
    throw error;
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    // Looked at first, so that a wrong name does not fill the memory.
    const { size } = await stat(file);
    if (size > LIST_BOUNDS.bytes) throw new UsageError(`${file} must be at most ${LIST_BOUNDS.bytes} bytes`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read the list from ${file}: ${String(error)}`, { cause: error });
  }
}

/**
 * Does something with each device of a list, and tells how it went. The exit code is 0 only when none failed; what made going on useless
 * is thrown once that is told.
 */
export async function runList(
  session: Session,
  devices: readonly ListedDevice[],
  { done, doing, perSecond, each }: ListWork,
  { perSecond: asked = perSecond, failed }: ListOptions,
): Promise<void> {
  const { io, json } = session;
  if (failed !== undefined) await requireFolderOf(failed);
  const client = (await session.client()).tryingOnce();
  const progress = bulkProgress(json ? { ...io, err: () => undefined } : io, doing);
  const stop = io.untilStopped();
  const startedAtMs = io.world.monotonicMs();
  const result = await runBulk(devices, (device, turn) => each(client, device, turn), {
    world: io.world,
    perSecond: asked,
    stop,
    onProgress: progress.show,
  });
  progress.end();
  const durationMs = io.world.monotonicMs() - startedAtMs;
  const told = { done, durationMs, result: sorted(result) };
  session.show(bulkDocument(told), bulkText(told));
  if (failed !== undefined) await keepFailures(session, failed, told.result);
  if (result.endedBy !== undefined) throw result.endedBy;
  if (result.failed.length > 0) session.endWith(EXIT.failed);
  if (!stop.aborted || result.notTried.length === 0) return;
  session.endWith(stop.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
}

function sorted(result: BulkResult<ListedDevice>): BulkResult<ListedDevice> {
  return { ...result, failed: result.failed.toSorted((one, other) => one.item.line - other.item.line) };
}

async function requireFolderOf(file: string): Promise<void> {
  const folder = path.dirname(file);
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw new UsageError(`--failed ${file}: cannot write to ${folder}`, { cause: error });
  });
}

/** Keeps what failed, and what was not tried, as a list; no file where there is nothing to keep. */
async function keepFailures(
  session: Session,
  file: string,
  { failed, notTried }: BulkResult<ListedDevice>,
): Promise<void> {
  const rows = [
    ...failed.map(({ item, error }) => ({ device: item, reason: failureOf(error).message })),
    ...notTried.map((device) => ({ device, reason: 'not tried' })),
  ];
  if (rows.length === 0) return;
  await replaceFile(file, failuresText(rows));
  session.note(`wrote ${file}, to be fed in again with --file\n`);
}
