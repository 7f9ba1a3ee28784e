import { setTimeout as pause } from 'node:timers/promises';
import type { LoadDevice } from '../load/load-device.ts';
import { report, requestPermit, untilOffered } from '../load/questions.ts';
import { quantile, spreadOf } from '../measure/quantiles.ts';
import { usageNow } from '../measure/recording.ts';
import { connectDevices } from '../setup/connected-devices.ts';
import { launchToAll, MOST_ATTEMPTS, makeProduct } from '../setup/launched-rollout.ts';
import { registerDevices } from '../setup/registered-devices.ts';
import { startHost } from '../setup/running-host.ts';
import type { BenchRun, Figure } from './bench-run.ts';

/** Rounds in which everything is compiled and cached. */
const WARM_UP_ROUNDS = 2;
/** Slots that were freed are free once the rollout has been looked at: a batch window of one second, and the look itself. */
const SLOTS_FREE_MS = 4_000;
/** Devices that ask one after the other in the end. */
const ALONE = 5;
const ROUNDS = Math.min(5, MOST_ATTEMPTS - WARM_UP_ROUNDS - 1);

/** One burst: everybody asks at once. Latencies in ms, CPU in cores. */
interface Burst {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly hostCores: number;
  readonly otherCores: number;
}

/**
 * Permits and reports, in rounds: all devices ask at once, then all report progress, then all decline, which frees their
 * slots without counting against the release, so that the next round finds everything as it was.
 */
export async function benchPermits(run: BenchRun): Promise<Figure[]> {
  const running = await startHost(run.parent, run.watched);
  try {
    const { host, client } = running;
    const key = await makeProduct(running);
    run.progress(`registering ${run.burst} devices`);
    const accesses = await registerDevices(client, host.serving.mqttPort, 'permit', run.burst);
    const rollout = await launchToAll(running, key, run.burst);
    run.progress(`connecting ${run.burst} devices`);
    const devices = await connectDevices(accesses);
    for (const device of devices) await untilOffered(device);
    const permits: Burst[] = [];
    const reports: Burst[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      run.progress(`permits and reports, round ${round + 1} of ${WARM_UP_ROUNDS + ROUNDS}`);
      const { granted, reported } = await oneRound(devices, rollout, host.serving.pid);
      await pause(SLOTS_FREE_MS);
      if (round < WARM_UP_ROUNDS) continue;
      permits.push(granted);
      reports.push(...reported);
    }
    run.progress('permits and reports, one device at a time');
    const alone = await oneByOne(devices.slice(0, ALONE), rollout);
    await Promise.all(devices.map((device) => device.end()));
    return [
      ...figuresOf(`permits granted, ${run.burst} asked for at once`, permits),
      ...figuresOf(`reports acknowledged, ${run.burst} sent at once`, reports),
      { name: 'one permit alone', unit: 'ms', ...spreadOf(alone.permitMs), note: 'batch window of 1 s' },
      { name: 'one report alone', unit: 'ms', ...spreadOf(alone.reportMs), note: 'batch window of 1 s' },
    ];
  } finally {
    await running.stop();
  }
}

/** What a device waits when no other asks: the batch window of the queue, and the rest. */
async function oneByOne(
  devices: readonly LoadDevice[],
  rollout: string,
): Promise<{ readonly permitMs: number[]; readonly reportMs: number[] }> {
  const permitMs: number[] = [];
  const reportMs: number[] = [];
  for (const device of devices) {
    const askedMs = performance.now();
    const attempt = await requestPermit(device, rollout);
    const grantedMs = performance.now();
    await report(device, rollout, attempt, { seq: 1, state: 'progress', uptimeMs: 1000 });
    permitMs.push(grantedMs - askedMs);
    reportMs.push(performance.now() - grantedMs);
  }
  return { permitMs, reportMs };
}

async function oneRound(
  devices: readonly LoadDevice[],
  rollout: string,
  pid: number,
): Promise<{ readonly granted: Burst; readonly reported: readonly Burst[] }> {
  const attempts = new Map<LoadDevice, string>();
  const granted = await burst(devices, pid, async (device) => {
    attempts.set(device, await requestPermit(device, rollout));
  });
  const say = (state: 'progress' | 'failed', seq: number) =>
    burst(devices, pid, (device) =>
      report(device, rollout, attempts.get(device) ?? '', {
        seq,
        state,
        uptimeMs: seq * 1000,
        ...(state === 'failed' && { reason: 'declined' }),
      }),
    );
  return { granted, reported: [await say('progress', 1), await say('failed', 2)] };
}

async function burst(
  devices: readonly LoadDevice[],
  pid: number,
  ask: (device: LoadDevice) => Promise<void>,
): Promise<Burst> {
  const before = usageNow(pid);
  const latenciesMs: number[] = [];
  await Promise.all(
    devices.map(async (device) => {
      await ask(device);
      latenciesMs.push(performance.now() - before.atMs);
    }),
  );
  const after = usageNow(pid);
  const tookMs = after.atMs - before.atMs;
  const ownMs = after.hostMs - before.hostMs + (after.loadMs - before.loadMs);
  return {
    perSecond: (devices.length * 1000) / tookMs,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    hostCores: (after.hostMs - before.hostMs) / tookMs,
    otherCores: Math.max(0, after.allMs - before.allMs - ownMs) / tookMs,
  };
}

function figuresOf(name: string, bursts: readonly Burst[]): Figure[] {
  const of = (figure: keyof Burst) => spreadOf(bursts.map((one) => one[figure]));
  return [
    { name, unit: '/s', ...of('perSecond') },
    { name: `${name}: p50`, unit: 'ms', ...of('p50Ms') },
    { name: `${name}: p99`, unit: 'ms', ...of('p99Ms') },
    { name: `${name}: CPU of the host`, unit: 'cores', ...of('hostCores') },
    { name: `${name}: CPU of others`, unit: 'cores', ...of('otherCores') },
  ];
}
