import { setTimeout as pause } from 'node:timers/promises';
import { connectionLimits, openFileLimit } from '#host/connection-limits.ts';
import { listDevices } from '../../cli/actions/devices.ts';
import { ClientProcess } from '../connections/client-process.ts';
import type { Order, Outcome } from '../connections/orders.ts';
import type { DeviceAccess } from '../load/load-device.ts';
import { residentBytesOf } from '../measure/process-usage.ts';
import { quantile, type Spread, spreadOf } from '../measure/quantiles.ts';
import { type Usage, usageNow } from '../measure/recording.ts';
import { makeProduct } from '../setup/launched-rollout.ts';
import { registerDevices } from '../setup/registered-devices.ts';
import { type RunningHost, startHost } from '../setup/running-host.ts';
import type { BenchRun, Figure } from './bench-run.ts';

/** Processes that the clients are spread over: each has as many descriptors as the host, which takes three quarters of its own. */
const PROCESSES = 3;
/** Devices more than the host takes. */
const TOO_MANY = 60;
/** Devices that leave and come back in one round. */
const RECONNECTING = 1_000;
const ROUNDS = 3;
/** What was made to connect, and is no longer needed, is gone by then. */
const REST_MS = 5_000;
const KB = 1024;
const MB = 1024 * KB;

/**
 * Connects until the host takes no more, each device with a certificate of its own; then what one connection takes of memory, what
 * those see that are refused, and whether those that are in are still served. Last the handshakes of devices that come back.
 */
export async function benchConnections(run: BenchRun): Promise<Figure[]> {
  const { devices: most } = connectionLimits(openFileLimit());
  const tried = Math.min(most + TOO_MANY, run.connections);
  const running = await startHost(run.parent, run.watched);
  const clients = Array.from({ length: PROCESSES }, () => new ClientProcess());
  try {
    await makeProduct(running);
    run.progress(`registering ${tried} devices`);
    const accesses = await registerDevices(running.client, running.host.serving.mqttPort, 'connect', tried);
    await pause(REST_MS);
    const figures = await everybodyConnects(run, running, clients, accesses, most);
    const returning = Math.min(RECONNECTING, Math.floor(tried / PROCESSES));
    figures.push(...(await comeBack(run, running, clients[0] as ClientProcess, returning)));
    await tellAll(clients, () => ({ kind: 'end' }));
    return figures;
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await running.stop();
  }
}

async function everybodyConnects(
  run: BenchRun,
  running: RunningHost,
  clients: readonly ClientProcess[],
  accesses: readonly DeviceAccess[],
  most: number,
): Promise<Figure[]> {
  const { pid } = running.host.serving;
  const emptyBytes = residentBytesOf(pid);
  run.progress(`connecting ${accesses.length} devices; the host takes ${most}`);
  const before = usageNow(pid);
  const came = await tellAll(clients, (at) => ({
    kind: 'connect',
    accesses: accesses.filter((_, device) => device % clients.length === at),
  }));
  const after = usageNow(pid);
  await pause(REST_MS);
  const fullBytes = residentBytesOf(pid);
  const refused = came.flatMap((one) => one.refused);
  run.progress('a check of each device while all are connected');
  const checks = await tellAll(clients, () => ({ kind: 'check' }));
  const held = checks.reduce((sum, one) => sum + one.held, 0);
  if (held + refused.length !== accesses.length)
    throw new Error(
      `${accesses.length} devices came, ${refused.length} were refused, and ${held} are connected`,
    );
  const acknowledgedMs = checks.flatMap((one) => one.acknowledgedMs);
  const calledMs = await timedCalls(running);
  const one = (value: number): Spread => spreadOf([value]);
  return [
    { name: 'devices that came', unit: '', ...one(accesses.length), note: `the host takes ${most}` },
    { name: 'connections held at once', unit: '', ...one(held) },
    { name: 'devices refused', unit: '', ...one(refused.length), note: whatTheySaw(refused) },
    ...(refused.length > 0
      ? [{ name: 'until a device knew', unit: 'ms', ...spreadOf(refused.map(({ afterMs }) => afterMs)) }]
      : []),
    { name: 'memory of the host, nobody connected', unit: 'MB', ...one(emptyBytes / MB) },
    { name: 'memory of the host, everybody connected', unit: 'MB', ...one(fullBytes / MB) },
    { name: 'memory of one connection', unit: 'KB', ...one((fullBytes - emptyBytes) / KB / held) },
    {
      name: 'devices connected and subscribed',
      unit: '/s',
      ...ratesOf(came),
      note: 'tenths of those that were let in',
    },
    { name: 'CPU of the host for one that connects', unit: 'µs', ...one(hostMicros(before, after, held)) },
    { name: 'the first check of each: PUBACK p50', unit: 'ms', ...one(quantile(acknowledgedMs, 0.5)) },
    { name: 'the first check of each: PUBACK p99', unit: 'ms', ...one(quantile(acknowledgedMs, 0.99)) },
    { name: 'a call of the API meanwhile', unit: 'ms', ...spreadOf(calledMs) },
  ];
}

/** Full handshakes, and such as go on with the TLS session that a device had. */
async function comeBack(
  run: BenchRun,
  running: RunningHost,
  client: ClientProcess,
  devices: number,
): Promise<Figure[]> {
  const { pid } = running.host.serving;
  const figures: Figure[] = [];
  for (const resumes of [false, true]) {
    const perSecond: number[] = [];
    const micros: number[] = [];
    let resumed = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const how = resumes ? 'with the session they had' : 'as new';
      run.progress(`${devices} devices leave and come back ${how}, round ${round} of ${ROUNDS}`);
      const before = usageNow(pid);
      const came = await client.tell({ kind: 'reconnect', devices, resumes });
      const after = usageNow(pid);
      const { connectedAtMs, refused } = came;
      if (refused.length > 0) throw new Error(`devices that come back are refused: ${whatTheySaw(refused)}`);
      perSecond.push(rateOf(connectedAtMs));
      micros.push(hostMicros(before, after, connectedAtMs.length));
      resumed += came.resumed;
    }
    const name = `devices back, ${resumes ? 'TLS session resumed' : 'full handshake'}`;
    figures.push({ name, unit: '/s', ...spreadOf(perSecond), note: `${resumed} sessions resumed in all` });
    figures.push({
      name: `${name}: CPU of the host for one that leaves and comes`,
      unit: 'µs',
      ...spreadOf(micros),
    });
  }
  return figures;
}

const tellAll = (clients: readonly ClientProcess[], order: (at: number) => Order): Promise<Outcome[]> =>
  Promise.all(clients.map((client, at) => client.tell(order(at))));

async function timedCalls({ client }: RunningHost): Promise<number[]> {
  const tookMs: number[] = [];
  for (let time = 0; time < 5; time += 1) {
    const beganMs = performance.now();
    await listDevices(client, 10);
    tookMs.push(performance.now() - beganMs);
  }
  return tookMs;
}

const hostMicros = (before: Usage, after: Usage, times: number): number =>
  ((after.hostMs - before.hostMs) * 1000) / times;

const rateOf = (atMs: readonly number[]): number =>
  ((atMs.length - 1) * 1000) / (Math.max(...atMs) - Math.min(...atMs));

/** How many a second, by tenths of those that were let in. */
function ratesOf(came: readonly Outcome[]): Spread {
  const atMs = came.flatMap(({ connectedAtMs }) => connectedAtMs).sort((a, b) => a - b);
  const each = Math.max(2, Math.floor(atMs.length / 10));
  const rates: number[] = [];
  for (let at = 0; at + each <= atMs.length; at += each) rates.push(rateOf(atMs.slice(at, at + each)));
  return spreadOf(rates);
}

function whatTheySaw(refused: Outcome['refused']): string {
  const times = Map.groupBy(refused, ({ saw }) => saw);
  return [...times].map(([saw, all]) => `${saw} (${all.length})`).join(', ') || 'nobody';
}
