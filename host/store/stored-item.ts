import type { Item } from '#shared/capabilities/table.ts';

/** An item and the text that it is stored as. */
export interface StoredItem {
  readonly item: Item;
  readonly text: string;
}
