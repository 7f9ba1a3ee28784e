import { setTimeout as pause } from 'node:timers/promises';
import { CHECKS_PER_SECOND } from '../document/bars.ts';
import { runClosedLoop } from '../load/closed-loop.ts';
import { runFixedRate } from '../load/fixed-rate.ts';
import type { LoadDevice } from '../load/load-device.ts';
import { idleCheck, offeredCheck, refusedCheck, untilOffered } from '../load/questions.ts';
import { spreadOf } from '../measure/quantiles.ts';
import { type FiguresSpread, Recording, spreadOfWindows } from '../measure/recording.ts';
import { stallsBetween } from '../measure/stalls.ts';
import { connectDevices } from '../setup/connected-devices.ts';
import { launchToAll, makeProduct } from '../setup/launched-rollout.ts';
import { registerDevices } from '../setup/registered-devices.ts';
import { startHost } from '../setup/running-host.ts';
import type { BenchRun, Figure } from './bench-run.ts';

/** Low enough that nothing waits for long. */
const IDLE_PER_SECOND = 1_000;
/** A first check tells news, which the reports queue takes in batches: afterwards checks are what they are on a usual day. */
const SETTLE_MS = 3_000;

/** Checks that are answered with an offer: how many at saturation, and how fast at fixed rates. */
export async function benchChecks(run: BenchRun): Promise<Figure[]> {
  const running = await startHost(run.parent, run.watched);
  try {
    const { host, client } = running;
    const key = await makeProduct(running);
    run.progress(`registering ${run.devices} devices`);
    const accesses = await registerDevices(client, host.serving.mqttPort, 'check', run.devices);
    run.progress(`connecting ${run.devices} devices`);
    const devices = await connectDevices(accesses);
    const idle = await measureIdleChecks(run, devices, host.serving.pid);
    await launchToAll(running, key, run.devices);
    for (const device of devices) await untilOffered(device);
    await pause(SETTLE_MS);
    const figures = await measureChecks(run, devices, host.serving.pid);
    await Promise.all(devices.map((device) => device.end()));
    return [...idle, ...figures];
  } finally {
    await running.stop();
  }
}

/**
 * Checks while no rollout runs: answered by nothing, by design, so that only their PUBACK and what they cost can be measured. A
 * check that is refused comes after them: its answer shows that none of them waits any more.
 */
async function measureIdleChecks(
  run: BenchRun,
  devices: readonly LoadDevice[],
  pid: number,
): Promise<Figure[]> {
  for (const device of devices) await idleCheck(device);
  await pause(SETTLE_MS);
  run.progress(`idle checks at ${IDLE_PER_SECOND} a second`);
  const idle = await measured(run, pid, (recording) =>
    runFixedRate(devices, IDLE_PER_SECOND, idleCheck, recording),
  );
  const askedMs = performance.now();
  for (const device of devices.slice(0, 1)) await refusedCheck(device);
  const lagMs = performance.now() - askedMs;
  const name = `idle checks at ${IDLE_PER_SECOND}/s`;
  return [
    { name: `${name}: PUBACK p50`, unit: 'ms', ...idle.p50Ms },
    { name: `${name}: PUBACK p99`, unit: 'ms', ...idle.p99Ms },
    { name: `${name}: CPU of the host`, unit: 'cores', ...idle.hostCores },
    { name: `${name}: CPU of the host for one`, unit: 'µs', ...idle.hostMicros },
    { name: `${name}: CPU of others`, unit: 'cores', ...idle.otherCores },
    { name: `${name}: refusal right after them`, unit: 'ms', ...spreadOf([lagMs]), note: 'one run' },
  ];
}

async function measureChecks(run: BenchRun, devices: readonly LoadDevice[], pid: number): Promise<Figure[]> {
  run.progress(`checks at saturation, ${run.inFlight} in flight`);
  const saturated = await measured(run, pid, (recording) =>
    runClosedLoop(devices, run.inFlight, (device) => offeredCheck(device), recording),
  );
  const half = Math.floor(saturated.perSecond.median / 2);
  const figures = figuresOf(`checks answered, saturated (${run.inFlight} in flight)`, saturated);
  const rates = [{ name: 'checks answered at half that rate', rate: half }];
  // A host that answers fewer would only let them wait, longer and longer.
  if (saturated.perSecond.least > CHECKS_PER_SECOND)
    rates.push({
      name: `checks answered when ${CHECKS_PER_SECOND} come each second`,
      rate: CHECKS_PER_SECOND,
    });
  for (const { name, rate } of rates) {
    run.progress(`checks at ${rate} a second`);
    const at = await measured(run, pid, (recording) =>
      runFixedRate(devices, rate, (device) => offeredCheck(device), recording),
    );
    figures.push(...figuresOf(name, at));
  }
  return figures;
}

async function measured(
  run: BenchRun,
  pid: number,
  start: (recording: Recording) => { stop(): Promise<void>; readonly ended: Promise<void> },
): Promise<FiguresSpread & { readonly stalls?: ReturnType<typeof stallsBetween> }> {
  const { stallsFile } = run.watched;
  const recording = new Recording();
  const load = start(recording);
  const failed = load.ended.then((): never => {
    throw new Error('the load ended before it was stopped');
  });
  const fromMs = Date.now() + run.windows.warmUpSeconds * 1000;
  const windows = await Promise.race([recording.measure(run.windows, pid), failed]);
  failed.catch(() => undefined);
  const toMs = Date.now();
  await load.stop();
  const spread = spreadOfWindows(windows);
  return stallsFile === undefined ? spread : { ...spread, stalls: stallsBetween(stallsFile, fromMs, toMs) };
}

function figuresOf(name: string, spread: Awaited<ReturnType<typeof measured>>): Figure[] {
  const { stalls } = spread;
  return [
    { name, unit: '/s', ...spread.perSecond },
    { name: `${name}: p50`, unit: 'ms', ...spread.p50Ms },
    { name: `${name}: p99`, unit: 'ms', ...spread.p99Ms },
    { name: `${name}: CPU of the host`, unit: 'cores', ...spread.hostCores },
    { name: `${name}: CPU of the host for one`, unit: 'µs', ...spread.hostMicros },
    { name: `${name}: CPU of the load`, unit: 'cores', ...spread.loadCores },
    { name: `${name}: CPU of others`, unit: 'cores', ...spread.otherCores },
    ...(stalls === undefined
      ? []
      : [
          { name: `${name}: event loop late, p99 of a second`, unit: 'ms', ...stalls.loopP99Ms },
          { name: `${name}: event loop late, most in a second`, unit: 'ms', ...stalls.loopMostMs },
          { name: `${name}: garbage collected in a second`, unit: 'ms', ...stalls.collectedMs },
          { name: `${name}: longest collection in a second`, unit: 'ms', ...stalls.collectionMostMs },
          { name: `${name}: longest flush in a second`, unit: 'ms', ...stalls.flushMostMs },
        ]),
  ];
}
