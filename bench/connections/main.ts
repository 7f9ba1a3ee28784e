import { setTimeout as pause } from 'node:timers/promises';
import { faultOf } from '#shared/errors/fault-of.ts';
import { errorCode } from '#shared/program/error-code.ts';
import { type DeviceAccess, LoadDevice } from '../load/load-device.ts';
import { idleCheck } from '../load/questions.ts';
import type { Order, Outcome, Refused } from './orders.ts';

/** Handshakes, or checks, that this process has under way at the same time. */
const AT_A_TIME = 16;
/** Until the host has heard that everybody has left. */
const LEFT_MS = 1_000;

/** A process that holds the connections of many devices and does what its parent tells it. */
const devices: LoadDevice[] = [];

async function obey(order: Order): Promise<Outcome> {
  switch (order.kind) {
    case 'connect':
      return outcome(await connect(order.accesses.map((access) => ({ access }))));
    case 'check':
      return outcome({ acknowledgedMs: await check() });
    case 'reconnect':
      return outcome(await reconnect(order.devices, order.resumes));
    case 'end':
      await inParallel(devices.splice(0), (device) => device.end());
      return outcome({});
  }
}

function outcome(came: Partial<Outcome>): Outcome {
  const held = devices.filter(({ isConnected }) => isConnected).length;
  return { connectedAtMs: [], refused: [], resumed: 0, acknowledgedMs: [], ...came, held };
}

interface Connecting {
  readonly access: DeviceAccess;
  readonly session?: Buffer;
}

async function connect(all: readonly Connecting[]): Promise<Partial<Outcome>> {
  const connectedAtMs: number[] = [];
  const refused: Refused[] = [];
  let resumed = 0;
  await inParallel(all, async ({ access, session }) => {
    const beganMs = performance.now();
    try {
      const device = await LoadDevice.connect(access, session);
      connectedAtMs.push(Date.now());
      if (device.isResumed) resumed += 1;
      devices.push(device);
    } catch (error) {
      refused.push({ saw: wordsOf(error), afterMs: performance.now() - beganMs });
    }
  });
  return { connectedAtMs, refused, resumed };
}

/** Addresses and ports differ from one to the next. */
function wordsOf(error: unknown): string {
  return errorCode(error) ?? faultOf(error).message;
}

async function check(): Promise<number[]> {
  const tookMs: number[] = [];
  await inParallel(devices, async (device) => {
    const beganMs = performance.now();
    await idleCheck(device);
    tookMs.push(performance.now() - beganMs);
  });
  return tookMs;
}

async function reconnect(count: number, resumes: boolean): Promise<Partial<Outcome>> {
  const leaving = devices.splice(0, count);
  const coming = leaving.map(({ access, session }) => ({
    access,
    ...(resumes && session !== undefined && { session }),
  }));
  await inParallel(leaving, (device) => device.end());
  await pause(LEFT_MS);
  return connect(coming);
}

async function inParallel<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const some = async () => {
    for (let at = next++; at < all.length; at = next++) await run(all[at] as T);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, some));
}

process.on('message', (order: Order) => {
  obey(order).then(
    (came) => process.send?.(came),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
