import { setTimeout as pause } from 'node:timers/promises';
import { residentBytesOf } from '../measure/process-usage.ts';
import { spreadOf } from '../measure/quantiles.ts';
import { connectDevices } from '../setup/connected-devices.ts';
import { makeProduct } from '../setup/launched-rollout.ts';
import { registerDevices } from '../setup/registered-devices.ts';
import { type RunningHost, startHost } from '../setup/running-host.ts';
import type { BenchRun, Figure } from './bench-run.ts';

const TIMES = 5;
const MB = 1024 * 1024;
const KB = 1024;
/** What was made to start, and is no longer needed, is gone by then. */
const REST_MS = 5_000;

/** How long the host takes from the start of its process until it serves, and the memory that it holds at rest. */
export async function benchStart(run: BenchRun): Promise<Figure[]> {
  run.progress(`starting on empty data, ${TIMES} times`);
  const figures = [...(await emptyStarts(run))];
  const running = await startHost(run.parent);
  try {
    await makeProduct(running);
    run.progress(`registering ${run.burst} devices`);
    const { client, host } = running;
    const accesses = await registerDevices(client, host.serving.mqttPort, 'idle', run.burst);
    // On the ports that it had.
    await running.restart();
    figures.push(await connectionMemory(run, running.host.serving.pid, accesses));
    if (run.registered > run.burst) {
      run.progress(`registering ${run.registered} devices`);
      const beganMs = performance.now();
      const left = run.registered - run.burst;
      await registerDevices(client, host.serving.mqttPort, 'more', left);
      const perSecond = (left * 1000) / (performance.now() - beganMs);
      const name = 'devices registered through the API, one by one';
      figures.push({ name, unit: '/s', ...spreadOf([perSecond]), note: 'one run' });
      const starts: StartFigures[] = [];
      for (let time = 0; time < TIMES; time++) {
        starts.push(await timedRestart(running));
      }
      figures.push(...figuresOf(`with ${run.registered} registered devices`, starts));
    }
    return figures;
  } finally {
    await running.stop();
  }
}

interface StartFigures {
  readonly startMs: number;
  readonly residentBytes: number;
}

async function emptyStarts({ parent }: BenchRun): Promise<Figure[]> {
  const starts: StartFigures[] = [];
  for (let time = 0; time < TIMES; time++) {
    const beganMs = performance.now();
    const running = await startHost(parent);
    const startMs = performance.now() - beganMs;
    await pause(REST_MS);
    starts.push({ startMs, residentBytes: residentBytesOf(running.host.serving.pid) });
    await running.stop();
  }
  return figuresOf('on empty data', starts);
}

async function timedRestart(running: RunningHost): Promise<StartFigures> {
  const startMs = await running.restart();
  await pause(REST_MS);
  return { startMs, residentBytes: residentBytesOf(running.host.serving.pid) };
}

async function connectionMemory(
  run: BenchRun,
  pid: number,
  accesses: Parameters<typeof connectDevices>[0],
): Promise<Figure> {
  run.progress(`connecting ${run.burst} devices that stay idle`);
  await pause(REST_MS);
  const before = residentBytesOf(pid);
  const devices = await connectDevices(accesses);
  await pause(REST_MS);
  const perConnection = (residentBytesOf(pid) - before) / devices.length / KB;
  await Promise.all(devices.map((device) => device.end()));
  return {
    name: 'memory of one idle connection',
    unit: 'KB',
    ...spreadOf([perConnection]),
    note: `${devices.length} connections, one run`,
  };
}

function figuresOf(name: string, starts: readonly StartFigures[]): Figure[] {
  const resident = starts.map(({ residentBytes }) => residentBytes / MB);
  return [
    { name: `start ${name}`, unit: 'ms', ...spreadOf(starts.map(({ startMs }) => startMs)) },
    { name: `resident memory at rest ${name}`, unit: 'MB', ...spreadOf(resident) },
  ];
}
