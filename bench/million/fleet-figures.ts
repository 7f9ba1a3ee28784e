import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FROM_VERSION, TO_VERSION } from '../setup/bench-product.ts';
import { type ControlFigure, controlFigures } from './control.ts';
import { deviceId, FleetModel, type SentCounts } from './fleet-model.ts';
import { draftRollout, knowDevices, publishRelease } from './launched-rollout.ts';
import { SocketlessHost } from './socketless-host.ts';
import { rollOut, type ServedWindow } from './staged-rollout.ts';

/** What a fleet of one size has shown. Times in ms, sizes in bytes. */
export interface FleetFigures {
  readonly devices: number;
  readonly setUpMs: number;
  /** From the launch until the last device is counted good. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The same on the clock of the field. */
  readonly fieldMs: number;
  readonly windows: readonly ServedWindow[];
  readonly sent: SentCounts;
  readonly peakResidentBytes: number;
  readonly databaseBytes: number;
  /** Everything, raw report log included. */
  readonly diskBytes: number;
  readonly control: readonly ControlFigure[];
}

/** Rolls a release out to so many devices in this process, and then decides about another one. */
export async function fleetFigures(
  size: number,
  directory: string,
  progress: (text: string) => void,
): Promise<FleetFigures> {
  const host = await SocketlessHost.open(directory);
  progress(`setting up ${size} devices`);
  const setUpFromMs = performance.now();
  await knowDevices(
    host,
    Array.from({ length: size }, (_, device) => deviceId(device)),
  );
  await publishRelease(host, TO_VERSION, 2);
  const rollout = await draftRollout(host, TO_VERSION);
  const fleet = new FleetModel(host, { rollout, from: FROM_VERSION, to: TO_VERSION, boots: 1 }, size);
  const setUpMs = performance.now() - setUpFromMs;

  const [fromMs, fromCpu, fromFieldMs] = [performance.now(), process.cpuUsage(), host.world.monotonicMs()];
  await host.call('POST', `/rollouts/${rollout}/launch`);
  const windows = await rollOut({ host, fleet, rollout, size, progress });
  const cpu = process.cpuUsage(fromCpu);
  const wallMs = performance.now() - fromMs;
  const fieldMs = host.world.monotonicMs() - fromFieldMs;
  const control = await controlFigures(host, size, rollout);
  const figures: FleetFigures = {
    devices: size,
    setUpMs,
    wallMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    fieldMs,
    windows,
    control,
    sent: fleet.sent,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
    databaseBytes: bytesIn(directory, (file) => file.startsWith('evenkeel.db')),
    diskBytes: bytesIn(directory, () => true),
  };
  await host.close();
  return figures;
}

function bytesIn(directory: string, isMeant: (file: string) => boolean): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isMeant(entry.name))
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
