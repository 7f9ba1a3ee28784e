import type { PutWrite, Table, TransactWrite } from '#shared/capabilities/table.ts';
import { ReleasePublished, ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import { outboxEntry } from '#shared/outbox/outbox.ts';
import { savedOrStale } from '#shared/retry/saved-or-stale.ts';
import type { Product } from '../domain/product.ts';
import type { Release, ReleaseId } from '../domain/release.ts';
import { releasePublished, releaseRevoked } from '../domain/release-events.ts';
import { auditEntry } from './audit-entry.ts';
import { type ProductId, productKey, productPartition, releaseKey, sequenceKey } from './keys.ts';
import { keysUnchanged } from './product-row.ts';
import type { Decided } from './product-store.ts';
import { fromRow, toRow } from './release-row.ts';

/** A page of releases, newest first. */
export interface ReleasePage {
  readonly releases: readonly Release[];
  /** The lowest sequence of the page; absent on the last page. */
  readonly lastSequence?: number;
}

/** Releases with their audit trail and their outbox, over the table `firmware`. */
export class ReleaseStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The release as it is now; `undefined` if the tenant has no such. */
  async find(id: ReleaseId): Promise<Release | undefined> {
    const [item] = await this.#table.get([releaseKey(id)], { consistent: true });
    return item && fromRow(item);
  }

  /** The release as it is now. Throws `NotFoundError` if the tenant has no such. */
  async get(id: ReleaseId): Promise<Release> {
    const release = await this.find(id);
    if (release === undefined)
      throw new NotFoundError('version', 'must be a release of a product of this tenant');
    return release;
  }

  /** Up to `limit` releases of a product with sequences below `below` (all, where it is absent), the highest first. */
  async list(
    id: ProductId,
    { limit, below }: { readonly limit: number; readonly below?: number },
  ): Promise<ReleasePage> {
    const sequences: number[] = [];
    const keys: ReturnType<typeof releaseKey>[] = [];
    const to = below === undefined ? 'sequence#~' : sequenceKey(id, below - 1).sk;
    let cursor: string | undefined;
    do {
      const page = await this.#table.query({
        partition: productPartition(id),
        from: 'sequence#',
        to,
        descending: true,
        limit: limit - keys.length,
        consistent: true,
        ...(cursor !== undefined && { cursor }),
      });
      for (const item of page.items) {
        sequences.push(Number(item.sequence));
        keys.push(releaseKey({ ...id, version: String(item.version) }));
      }
      cursor = page.cursor;
    } while (cursor !== undefined && keys.length < limit);
    const rows = await this.#table.get(keys, { consistent: true });
    const releases = rows.flatMap((row) => (row ? [fromRow(row)] : []));
    const lastSequence = sequences.at(-1);
    return cursor === undefined || lastSequence === undefined ? { releases } : { releases, lastSequence };
  }

  /**
   * Makes a release and takes its sequence in one transaction, so that neither a sequence nor a version is ever taken twice.
   * `stale` when one of them or the keys of `product` are not as they were read any more, or somebody is just writing it.
   */
  create(release: Release, product: Product, { id, atMs, actor }: Decided): Promise<'saved' | 'stale'> {
    const { sequence, version, signature, artifacts } = release;
    const after = {
      ...summaryOf(release),
      keyId: signature.keyId,
      artifacts: artifacts.map(({ hardware, sha256, sizeBytes }) => ({ hardware, sha256, sizeBytes })),
    };
    const writes: TransactWrite[] = [
      {
        update: productKey(release),
        set: { lastSequence: sequence },
        when: [{ attribute: 'lastSequence', is: '<=', value: sequence - 1 }, keysUnchanged(product)],
      },
      created({ ...sequenceKey(release, sequence), sequence, version }),
      created(toRow(release)),
      auditEntry(release, { id, atMs, actor, action: 'create-release', before: null, after }),
    ];
    return savedOrStale(() => this.#table.transact(writes, { token: id }));
  }

  /**
   * Saves what `before` has become. A change of its state is audited and, where others must know, told to the bus through
   * the outbox: all or nothing. `stale` when the release is not as `before` says any more, or the keys of `signedFor` (the
   * product, where the change is good only while it trusts a key) not as they were read.
   */
  save(
    before: Release,
    after: Release,
    { id, atMs, actor }: Decided,
    signedFor?: Product,
  ): Promise<'saved' | 'stale'> {
    const writes: TransactWrite[] = [
      { put: toRow(after), when: [{ attribute: 'revision', is: '=', value: before.revision }] },
    ];
    if (signedFor) writes.push({ check: productKey(signedFor), when: [keysUnchanged(signedFor)] });
    if (after.state !== before.state) {
      writes.push(
        auditEntry(after, {
          id,
          atMs,
          actor,
          action: `release-${after.state}`,
          ...(after.reason !== undefined && { reason: after.reason }),
          before: summaryOf(before),
          after: summaryOf(after),
        }),
        ...announcement(after, id, atMs),
      );
    }
    return savedOrStale(() => this.#table.transact(writes, { token: id }));
  }
}

/** What the bus must hear of a release that has just come into its state. */
function announcement(release: Release, id: string, atMs: number): PutWrite[] {
  const pk = productPartition(release);
  if (release.state === 'published') {
    return [outboxEntry(pk, ReleasePublished, releasePublished(release, id, atMs))];
  }
  if (release.state === 'revoking') {
    return [outboxEntry(pk, ReleaseRevoked, releaseRevoked(release, id, atMs))];
  }
  return [];
}

const created = (put: PutWrite['put']): PutWrite => ({ put, when: [{ attribute: 'pk', is: 'absent' }] });

/** What the audit log says of a release. */
const summaryOf = ({ version, sequence, state }: Release) => ({ version, sequence, state });
