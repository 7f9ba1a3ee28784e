import { hash } from 'node:crypto';
import type { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { ReleasePublished } from '#shared/contracts/events/release-events.ts';
import { Ulids } from '#shared/world/ulids.ts';
import { DeviceStore } from '../../services/rollout-orchestrator/stores/device-store.ts';
import { FROM_VERSION, HARDWARE, PRODUCT } from '../setup/bench-product.ts';
import { type SocketlessHost, TENANT } from './socketless-host.ts';

/** Devices that are written at the same time while the fleet is set up. */
const AT_A_TIME = 1_000;

/**
 * Makes devices known as they are after a year in the field: registered, seen, and running `FROM_VERSION`. Written by the store
 * that the functions use, without the functions: setting up is not what is measured.
 */
export async function knowDevices(host: SocketlessHost, ids: readonly string[]): Promise<void> {
  const devices = new DeviceStore(host.rollouts);
  for (let at = 0; at < ids.length; at += AT_A_TIME) {
    await Promise.all(ids.slice(at, at + AT_A_TIME).map((deviceId) => knowDevice(host, devices, deviceId)));
  }
}

async function knowDevice(host: SocketlessHost, devices: DeviceStore, deviceId: string): Promise<void> {
  const atMs = host.world.now();
  const registered: DeviceChanged = {
    id: '0'.repeat(26),
    v: 1,
    tenant: TENANT,
    atMs,
    deviceId,
    entityVersion: 1,
    product: PRODUCT,
    hardware: HARDWARE,
    tags: [],
    attributes: {},
    decommissioned: false,
  };
  const written = devices.applyFacts(registered);
  const record = await devices.read(TENANT, deviceId, { consistent: true });
  const running = {
    version: FROM_VERSION,
    hardware: HARDWARE,
    confirmed: true,
    seenAtMs: atMs,
    bootId: `boot-${deviceId.slice(2)}-1`,
  };
  await devices.change(record, { running });
  await written;
}

/** Publishes a release of that version and sequence, as firmware-storage would on the bus. */
export async function publishRelease(host: SocketlessHost, version: string, sequence: number): Promise<void> {
  const sha256 = hash('sha256', version);
  const detail: ReleasePublished = {
    id: new Ulids(host.world).next(),
    v: 1,
    tenant: TENANT,
    atMs: host.world.now(),
    product: PRODUCT,
    version,
    sequence,
    manifest: Buffer.from(JSON.stringify({ v: 1, product: PRODUCT, version, sequence, sha256 })).toString(
      'base64',
    ),
    signature: { keyId: sha256, value: Buffer.alloc(64).toString('base64') },
    artifacts: [{ hardware: HARDWARE, sha256, sizeBytes: 4_096, key: `artifacts/${sha256}` }],
  };
  const { source, type } = ReleasePublished;
  await host.invoke('onReleasePublished', { source, 'detail-type': type, detail });
}

/** A draft of a rollout in three stages to every device of the product; answers its name. */
export async function draftRollout(host: SocketlessHost, version: string): Promise<string> {
  const { rollout } = await host.call('POST', '/rollouts', {
    document: {
      release: `${PRODUCT}/${version}`,
      selector: `hardware = "${HARDWARE}"`,
      stages: [
        { name: 'canary', count: 100, gate: { bake: '10m' } },
        { name: 'early', percent: 5, gate: { bake: '10m' } },
        { name: 'all', percent: 100 },
      ],
      pace: { perMinute: 60_000 },
    },
  });
  return String(rollout);
}
