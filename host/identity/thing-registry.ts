import { createHash } from 'node:crypto';
import type { Item, Table } from '#shared/capabilities/table.ts';
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

/** Partitions that things are spread over, so that all of them can be read without a scan, which `Table` has not. */
const SHARDS = 64;
const PAGE = 1000;

interface Thing {
  attributes: Readonly<Record<string, string>>;
}

interface Certificate {
  readonly thing: string;
  status: Attachment['status'];
}

/** Reads all there is in `table` and answers the registry over it. */
export async function openThingRegistry(table: Table, world: Pick<World, 'now'>): Promise<ThingRegistry> {
  const registry = new TableThingRegistry(table, world);
  await registry.load();
  return registry;
}

/**
 * A registry whose truth is a table of its own, held in memory as well. Items of a thing share a partition: the thing
 * itself under its name, each of its certificates under `<thing>#<certificateId>`. Only one may be open over a table.
 */
class TableThingRegistry implements ThingRegistry {
  readonly #table: Table;
  readonly #world: Pick<World, 'now'>;
  readonly #things = new Map<string, Thing>();
  readonly #certificates = new Map<string, Certificate>();

  constructor(table: Table, world: Pick<World, 'now'>) {
    this.#table = table;
    this.#world = world;
  }

  async load(): Promise<void> {
    for (let shard = 0; shard < SHARDS; shard++) {
      const query = { partition: partition(shard), limit: PAGE, consistent: true };
      let page = await this.#table.query(query);
      for (const item of page.items) this.#take(item);
      while (page.cursor !== undefined) {
        page = await this.#table.query({ ...query, cursor: page.cursor });
        for (const item of page.items) this.#take(item);
      }
    }
  }

  find(certificateId: string): Attachment | undefined {
    const certificate = this.#certificates.get(certificateId);
    const thing = certificate && this.#things.get(certificate.thing);
    return thing && { thing: certificate.thing, attributes: thing.attributes, status: certificate.status };
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
    this.#take(thingItem);
    this.#take(certificateItem);
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
    const certificate = this.#certificates.get(certificateId);
    if (certificate) certificate.status = 'revoked';
  }

  /** Takes an item of the table into memory. */
  #take(item: Item): void {
    const thing = String(item.thing);
    if (typeof item.certificateId === 'string') {
      // Anything but active is taken as revoked: who cannot be told to be let in stays out.
      const status = item.status === 'active' ? 'active' : 'revoked';
      this.#certificates.set(item.certificateId, { thing, status });
    } else {
      this.#things.set(thing, { attributes: attributesOf(item) });
    }
  }
}

function attributesOf(item: Item): Readonly<Record<string, string>> {
  const entries = Object.entries(item.attributes ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function partitionOf(thing: string): string {
  return partition(createHash('sha256').update(thing).digest().readUInt8(0) % SHARDS);
}

function partition(shard: number): string {
  return `things#${shard}`;
}
