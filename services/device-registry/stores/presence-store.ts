import * as z from 'zod';
import type { Condition, Item, Table } from '#shared/capabilities/table.ts';
import { savedOrStale } from '#shared/retry/saved-or-stale.ts';
import { NO_PRESENCE, type Presence } from '../domain/presence.ts';

const PresenceRow = z.object({
  open: z.record(z.string(), z.number()),
  ended: z.record(z.string(), z.number()),
  revision: z.number(),
});

/** A presence as it was read, with the revision that a save expects; 0 when there was none. */
export interface KeptPresence {
  readonly presence: Presence;
  readonly revision: number;
}

/** Presence by thing, over the table `presence`: apart from the registry, whose change stream it would flood. */
export class PresenceStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** What is known of these things' sessions, in the order asked. */
  async find(
    things: readonly string[],
    { consistent }: { readonly consistent: boolean },
  ): Promise<KeptPresence[]> {
    const items = await this.#table.get(things.map(keyOf), { consistent });
    return items.map(fromRow);
  }

  /** Saves over the revision that was read; `stale` when it is not the present one, or is being written: read again. */
  save(thing: string, presence: Presence, revision: number): Promise<'saved' | 'stale'> {
    const put = { ...keyOf(thing), open: presence.open, ended: presence.ended, revision: revision + 1 };
    const asRead: Condition =
      revision === 0
        ? { attribute: 'pk', is: 'absent' }
        : { attribute: 'revision', is: '=', value: revision };
    return savedOrStale(() => this.#table.write({ put, when: [asRead] }));
  }
}

const keyOf = (thing: string) => ({ pk: `D#${thing}`, sk: 'presence' });

function fromRow(item: Item | undefined): KeptPresence {
  if (item === undefined) return { presence: NO_PRESENCE, revision: 0 };
  const { open, ended, revision } = PresenceRow.parse(item);
  return { presence: { open, ended }, revision };
}
