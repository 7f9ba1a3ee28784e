import { SealStore } from '#shared/audit/seal-store.ts';
import type { Item } from '#shared/capabilities/table.ts';
import { relayOutbox } from '#shared/outbox/outbox.ts';
import { type Kind, rowKinds } from '../kind.ts';
import type { RowsTable } from '../rows-table.ts';

const ONE = { limit: 1 };

/** What each service keeps alike: its audit log with the seals over it, and its outbox. */
export const logKinds = (service: string, table: string): Kind[] =>
  rowKinds(service, table, {
    audit: {
      placedBy: ['shared auditKeyIn'],
      pk: /./,
      sk: /^audit#/,
      read: async ({ pk }, rows) => {
        const seals = new SealStore(rows);
        const { items } = await seals.entries(String(pk), ONE);
        return { items, unsealed: await seals.unsealed(items) };
      },
    },
    seal: {
      placedBy: ['shared sealKey'],
      pk: /^A#/,
      sk: /^seal#/,
      read: ({ pk }, rows) => new SealStore(rows).seals(String(pk).slice(2), ONE),
    },
    sealer: {
      placedBy: ['shared SealStore'],
      pk: /^sealers$/,
      sk: /./,
      read: (_row, rows) => new SealStore(rows).keys(),
    },
    outbox: { placedBy: ['shared outboxEntry'], pk: /./, sk: /^outbox#/, read: published },
  });

/** What an entry that was just written puts on the bus. */
async function published(after: Item, _rows: RowsTable): Promise<unknown> {
  const told: unknown[] = [];
  const bus = {
    publish: async (events: readonly unknown[]) => {
      told.push(...events);
      return { failed: [] };
    },
  };
  const keys = { pk: String(after.pk), sk: String(after.sk) };
  await relayOutbox([{ keys, after }], { bus }, { count: () => undefined });
  return told;
}
