import { createHash } from 'node:crypto';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import type { TableDefinition } from '#host/store/table-definition.ts';
import type { Item } from '#shared/capabilities/table.ts';
import { NotFoundError, WrongStateError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';

/** What the broker must know of whoever connects with a certificate. */
export interface Attachment {
  readonly thing: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly status: 'active' | 'revoked';
}

/** Things and the certificates attached to them. */
export interface ThingRegistry {
  /** Whose certificate this is; at once, for it is asked for at every connection. `undefined`: not one of this home. */
  find(certificateId: string): Attachment | undefined;
  /**
   * Makes the thing, or gives it these attributes, and attaches a certificate to it; durable when it resolves. Throws
   * `WrongStateError` when that certificate is attached already, and what `Table` throws.
   */
  attach(request: {
    readonly thing: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly certificateId: string;
  }): Promise<void>;
  /** The certificate counts no more; again is no error. Throws `NotFoundError` when it is not one of this thing. */
  revoke(thing: string, certificateId: string): Promise<void>;
}

/** Partitions that things are spread over. */
const SHARDS = 64;
const BY_CERTIFICATE = 'byCertificate';

/** The host's own table of things. */
export const THINGS_TABLE: TableDefinition = {
  name: 'things',
  indexes: {
    [BY_CERTIFICATE]: { partition: { attribute: 'certificateId', type: 'string' }, projection: 'all' },
  },
};

/**
 * A registry over the table of that definition. Items of a thing share a partition: the thing itself under its name, each of its
 * certificates under `<thing>#<certificateId>`. Nothing of it is held in memory: a host that has registered devices for years starts as
 * fast as a new one.
 */
export class TableThingRegistry implements ThingRegistry {
  readonly #table: EmbeddedTable;
  readonly #world: Pick<World, 'now'>;

  constructor(table: EmbeddedTable, world: Pick<World, 'now'>) {
    this.#table = table;
    this.#world = world;
  }

  find(certificateId: string): Attachment | undefined {
    const query = { index: BY_CERTIFICATE, partition: certificateId, limit: 1 };
    const [certificate] = this.#table.peekPage(query).items;
    if (certificate === undefined) return undefined;
    const thing = String(certificate.thing);
    const item = this.#table.peek({ pk: partitionOf(thing), sk: thing });
    if (item === undefined) return undefined;
    // Anything but active is taken as revoked: who cannot be told to be let in stays out.
    const status = certificate.status === 'active' ? 'active' : 'revoked';
    return { thing, attributes: attributesOf(item), status };
  }

  async attach(request: Parameters<ThingRegistry['attach']>[0]): Promise<void> {
    const { thing, attributes, certificateId } = request;
    const pk = partitionOf(thing);
    const thingItem = { pk, sk: thing, thing, attributes };
    const certificateItem = {
      pk,
      sk: `${thing}#${certificateId}`,
      thing,
      certificateId,
      status: 'active',
      atMs: this.#world.now(),
    };
    const result = await this.#table.transact(
      [{ put: thingItem }, { put: certificateItem, when: [{ attribute: 'pk', is: 'absent' }] }],
      { token: certificateId.slice(0, 32) },
    );
    if (result.outcome === 'refused') {
      throw new WrongStateError('certificateId', 'is attached already');
    }
  }

  async revoke(thing: string, certificateId: string): Promise<void> {
    const result = await this.#table.write({
      update: { pk: partitionOf(thing), sk: `${thing}#${certificateId}` },
      set: { status: 'revoked', revokedAtMs: this.#world.now() },
      when: [{ attribute: 'thing', is: '=', value: thing }],
    });
    if (result.outcome === 'refused') {
      throw new NotFoundError('certificateId', 'is not one of this thing');
    }
  }
}

function attributesOf(item: Item): Readonly<Record<string, string>> {
  const entries = Object.entries(item.attributes ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function partitionOf(thing: string): string {
  return `things#${createHash('sha256').update(thing).digest().readUInt8(0) % SHARDS}`;
}
