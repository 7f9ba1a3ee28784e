import { itemOf } from '#shared/capabilities/limits/item-text.ts';
import type { Item } from '#shared/capabilities/table.ts';
import type { StoredItem } from './stored-item.ts';

/** About two thousand of the largest rows, twenty thousand of the usual ones: what is written within seconds of being read. */
const GENERATION_CHARACTERS = 8 * 1024 * 1024;
/** What an entry takes besides its characters, so that many small ones are as bounded as few large ones. */
const ENTRY_CHARACTERS = 100;

/** An item as it is stored, read from its text only when somebody asks for it. */
class LazyItem implements StoredItem {
  readonly text: string;
  #item: Item | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get item(): Item {
    this.#item ??= itemOf(this.text);
    return this.#item;
  }
}

/** `null` where there is no item under a key. */
type Entry = LazyItem | null;

/**
 * The items of one table that were read or written last, and those that were looked for and not there, so that reading one, deciding,
 * and writing it again asks sqlite once and parses it once. Two generations: when the younger one is full the older one is forgotten.
 * Who writes an item notes its text here in the same turn, and nobody else writes the file, so that what is found is what sqlite would say.
 */
export class ItemCache {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngCharacters = 0;

  /** The item under that key, `null` where it is known that there is none; `undefined`: nothing is known. */
  find(pk: string, sk: string): StoredItem | null | undefined {
    const name = `${pk}\n${sk}`;
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.#keep(name, old);
    return old;
  }

  /** Keeps the item under that key as it was read or is being written; answers it. */
  note(pk: string, sk: string, text: string): StoredItem {
    const item = new LazyItem(text);
    this.#keep(`${pk}\n${sk}`, item);
    return item;
  }

  /** There is no item under that key, or it is being deleted. */
  noteAbsent(pk: string, sk: string): void {
    this.#keep(`${pk}\n${sk}`, null);
  }

  #keep(name: string, entry: Entry): void {
    this.#young.set(name, entry);
    this.#youngCharacters += ENTRY_CHARACTERS + name.length + (entry?.text.length ?? 0);
    if (this.#youngCharacters < GENERATION_CHARACTERS) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngCharacters = 0;
  }
}
