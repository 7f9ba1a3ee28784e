import type { TestHost } from '#host/testing/test-host.ts';
import { ReleasePublished, ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { nextId } from './next-id.ts';

/** Publishes release `cam/<version>` with that sequence, as firmware-storage would on the bus. */
export async function publishRelease(
  host: TestHost,
  version: string,
  sequence: number,
  tenant = 'acme',
): Promise<void> {
  const detail = {
    id: nextId(),
    v: 1 as const,
    tenant,
    atMs: host.world.now(),
    product: 'cam',
    version,
    sequence,
    manifest: Buffer.from(`{"version":"${version}"}`).toString('base64'),
    signature: { keyId: 'a'.repeat(64), value: 'c2lnbmF0dXJl' },
    artifacts: [
      {
        hardware: 'cam-rev-b',
        sha256: digestOf(version),
        sizeBytes: 1000,
        key: `artifacts/${digestOf(version)}`,
      },
    ],
  };
  const { source, type } = ReleasePublished;
  await host.invoke('onReleasePublished', { source, 'detail-type': type, detail });
}

/** Revokes release `cam/<version>`, as firmware-storage would on the bus, and lets what follows from it happen. */
export async function revokeRelease(host: TestHost, version: string, sequence: number): Promise<void> {
  await tellRevoked(host, version, sequence);
  await host.settle();
}

/** The same in the middle of something else. */
export async function tellRevoked(host: TestHost, version: string, sequence: number): Promise<void> {
  const { source, type } = ReleaseRevoked;
  const release = { product: 'cam', version, sequence, reason: 'erases calibration' };
  const detail = { id: nextId(), v: 1, tenant: 'acme', atMs: host.world.now(), ...release };
  await host.invoke('onReleaseRevoked', { source, 'detail-type': type, detail });
}

/** The sha256 that release `version` has in these tests. */
const digestOf = (version: string): string =>
  Buffer.from(version.padEnd(32, '.')).toString('hex').slice(0, 64);
