import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ALL_AT_ONCE, quickDocument } from './documents.ts';
import { draftAndLaunch } from './draft-and-launch.ts';
import { publishRelease } from './releases.ts';
import { ScriptedDevice } from './scripted-device.ts';

/** A home of this service, and devices of product cam that have release cam/1.1.0 to get. */
export interface SmallFleet {
  readonly host: TestHost;
  readonly devices: readonly ScriptedDevice[];
  /** One of the devices. */
  readonly first: ScriptedDevice;
  /** Launches the release to all of them at once, or as told; answers the rollout. */
  launch(overrides?: Record<string, unknown>): Promise<string>;
}

/** Six devices that are registered, on a home of their own: whoever starts them stops the host. */
export async function startSmallFleet(): Promise<SmallFleet> {
  const host = await startTestHost({ services: ['rollout-orchestrator'] });
  const first = new ScriptedDevice(host, 'cam-0');
  const others = [1, 2, 3, 4, 5].map((number) => new ScriptedDevice(host, `cam-${number}`));
  const devices = [first, ...others];
  for (const device of devices) await device.register();
  await publishRelease(host, '1.1.0', 2);
  const launch = (overrides: Record<string, unknown> = ALL_AT_ONCE) =>
    draftAndLaunch(host, quickDocument('cam/1.1.0', overrides));
  return { host, devices, first, launch };
}
