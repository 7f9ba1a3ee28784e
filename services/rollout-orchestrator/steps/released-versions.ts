import type { Table } from '#shared/capabilities/table.ts';
import { isRecent } from '../domain/clock/ahead.ts';
import { type DeviceSays, provenSequence, type ReleasedVersion } from '../domain/decision/device.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import { eventually } from '../stores/eventually.ts';
import { ReleaseStore, releasedVersion } from '../stores/release-store.ts';

/** That a version is no release may have changed: as old as the rollouts that a check is answered by. */
const RECENT_MS = 2_000;
/** Devices say what they like: beyond so many versions all are looked up again. */
const KEPT_VERSIONS = 1_000;

/**
 * Which release a device runs that was never proven to run one, because it left the factory with it. What a release is never changes, so
 * that one which was found is kept. That there is none may be two seconds old, for permits too: it is as if they had been asked for then.
 */
export class ReleasedVersions {
  readonly #releases: ReleaseStore;
  readonly #known = new Map<string, { readonly released?: ReleasedVersion; readonly readMs: number }>();

  constructor(table: Table) {
    this.#releases = new ReleaseStore(eventually(table));
  }

  /** The release of the version that the device says; `undefined` also where it was proven to run it. Throws `UnreadableRowError`. */
  async of(
    { tenant, facts, running }: Pick<DeviceRecord, 'tenant' | 'facts' | 'running'>,
    { version }: Pick<DeviceSays, 'version'>,
    nowMs: number,
  ): Promise<ReleasedVersion | undefined> {
    if (facts === undefined || version === '') return undefined;
    if (provenSequence(running, version) !== undefined) return undefined;
    const key = `${tenant}#${facts.product}#${version}`;
    const known = this.#known.get(key);
    if (known !== undefined && (known.released !== undefined || isRecent(known.readMs, nowMs, RECENT_MS)))
      return known.released;
    const record = await this.#releases.read(tenant, facts.product, version);
    const released = record && releasedVersion(record);
    if (this.#known.size >= KEPT_VERSIONS) this.#known.clear();
    this.#known.set(key, { readMs: nowMs, ...(released && { released }) });
    return released;
  }
}
