import * as z from 'zod';
import type { Item, Table } from '#shared/capabilities/table.ts';
import { type ReleasePublished, ReleaseWithdrawn } from '#shared/contracts/events/release-events.ts';
import { outboxEntry } from '#shared/outbox/outbox.ts';
import type { ReleasedVersion } from '../domain/decision/device.ts';
import { type HoldOut, readHoldOut } from '../domain/holdout/hold-out.ts';
import { text } from '../domain/row/attributes.ts';
import { readRow } from '../domain/row/read-row.ts';
import { RELEASES, releaseKey, releasePartition } from './keys.ts';
import { readOnce } from './read-once.ts';

/** A release as this service knows it from the bus. */
export interface ReleaseRecord {
  readonly tenant: string;
  readonly product: string;
  readonly version: string;
  readonly sequence: number;
  readonly manifest: string;
  readonly signature: { readonly keyId: string; readonly value: string };
  readonly artifacts: readonly {
    readonly hardware: string;
    readonly sha256: string;
    readonly sizeBytes: number;
    readonly key: string;
  }[];
  readonly fromMin?: string;
  readonly revoked: boolean;
  /** Who gets it last, once a rollout that asks for it was launched. */
  readonly holdOut?: ReleaseHoldOut;
}

/** The hold-out of a release, and the rollout that asked for it. */
export interface ReleaseHoldOut extends HoldOut {
  readonly rollout: string;
}

/** What tells whether a device runs that release. */
export const releasedVersion = ({
  sequence,
  artifacts,
}: Pick<ReleaseRecord, 'sequence' | 'artifacts'>): ReleasedVersion => ({
  sequence,
  sha256ByHardware: new Map(artifacts.map(({ hardware, sha256 }) => [hardware, sha256])),
});

/** The projection of published releases. */
export class ReleaseStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The release, as it is committed. Throws `UnreadableRowError`. */
  async read(tenant: string, product: string, version: string): Promise<ReleaseRecord | undefined> {
    const [item] = await this.#table.get([releaseKey(tenant, product, version)], { consistent: true });
    return item?.manifest === undefined ? undefined : readRelease(item);
  }

  /**
   * The hardware that the releases of a product are for, those that were revoked apart: all of it, or up to where `wanted` was found.
   * A release that cannot be read is for none.
   */
  async hardware(tenant: string, product: string, wanted: string): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for await (const items of this.#pages(tenant, product)) {
      for (const { artifacts, revoked } of items) {
        const read = z.array(Artifact).safeParse(artifacts);
        if (revoked !== true && read.success) for (const { hardware } of read.data) found.add(hardware);
      }
      if (found.has(wanted)) break;
    }
    return found;
  }

  /** The releases of a product by version, those that were revoked included; one that cannot be read is none. For what decides nothing. */
  async versions(tenant: string, product: string): Promise<ReadonlyMap<string, ReleasedVersion>> {
    const found = new Map<string, ReleasedVersion>();
    for await (const items of this.#pages(tenant, product)) {
      for (const item of items) {
        const read = ReleaseRow.safeParse(item);
        if (read.success) found.set(read.data.version, releasedVersion(read.data));
      }
    }
    return found;
  }

  async *#pages(tenant: string, product: string): AsyncGenerator<readonly Item[]> {
    let cursor: string | undefined;
    do {
      const page = await this.#table.query({
        partition: releasePartition(tenant, product),
        prefix: RELEASES,
        limit: 100,
        ...(cursor !== undefined && { cursor }),
      });
      yield page.items;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** A release was published; a repeat, or one that comes after its revocation, changes nothing. */
  async published(event: ReleasePublished): Promise<void> {
    const { tenant, product, version, sequence, manifest, signature, artifacts, fromMin } = event;
    const key = releaseKey(tenant, product, version);
    await this.#table.write({
      update: key,
      set: {
        tenant,
        product,
        version,
        sequence,
        manifest,
        signature,
        artifacts,
        ...(fromMin && { fromMin }),
      },
      when: [{ attribute: 'manifest', is: 'absent' }],
    });
  }

  /** Tells the bus, once, that nothing of a revoked release is offered or permitted any more. */
  async acknowledgeRevoked(event: ReleaseWithdrawn): Promise<void> {
    const { tenant, product } = event;
    await this.#table.write(outboxEntry(releasePartition(tenant, product), ReleaseWithdrawn, event));
  }

  /** A release was revoked; noted even when its publication has not been heard of yet. */
  async revoked(tenant: string, product: string, version: string): Promise<void> {
    await this.#table.write({ update: releaseKey(tenant, product, version), set: { revoked: true } });
  }
}

const Artifact = z.object({
  hardware: z.string(),
  sha256: z.string(),
  sizeBytes: z.number().int().min(0),
  key: z.string(),
});
const ReleaseRow = z.object({
  tenant: z.string(),
  product: z.string(),
  version: z.string(),
  sequence: z.number().int().min(0),
  manifest: z.string(),
  signature: z.object({ keyId: z.string(), value: z.string() }),
  artifacts: z.array(Artifact),
  fromMin: z.string().exactOptional(),
  revoked: z.boolean().default(false),
});

// Written by `published`, `revoked` and `holdBack`.
const readRelease = readOnce((item): ReleaseRecord => {
  const facts = readRow('release', ReleaseRow, item);
  const { heldBy, heldShare, heldUntilMs } = item;
  if (heldBy === undefined && heldShare === undefined && heldUntilMs === undefined) return facts;
  return { ...facts, holdOut: { ...readHoldOut(item), rollout: text('release.heldBy', heldBy) } };
});
