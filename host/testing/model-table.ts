import { keyOf } from '#shared/capabilities/key-of.ts';
import type { Condition, Item, Key, TransactWrite } from '#shared/capabilities/table.ts';

/** What a table should hold, in the simplest words: for comparing an implementation with. */
export class ModelTable {
  #items: readonly Item[] = [];

  get items(): readonly Item[] {
    return this.#items;
  }

  /** Positions of the writes whose conditions fail; all writes are made when there are none. */
  transact(writes: readonly TransactWrite[]): { readonly index: number; readonly item?: Item }[] {
    const failed = writes.flatMap((write, index) => {
      const item = this.at(keyOf(write));
      const holds = (write.when ?? []).every((condition) => isMet(condition, item));
      return holds ? [] : [item === undefined ? { index } : { index, item }];
    });
    if (failed.length === 0) for (const write of writes) this.#make(write);
    return failed;
  }

  at({ pk, sk }: Key): Item | undefined {
    return this.#items.find((item) => item.pk === pk && item.sk === sk);
  }

  #make(write: TransactWrite): void {
    if ('check' in write) return;
    const key = keyOf(write);
    const before = this.at(key);
    this.#items = this.#items.filter((item) => item !== before);
    if ('put' in write) this.#items = [...this.#items, write.put];
    if ('update' in write) {
      const removed = new Set(write.remove ?? []);
      const kept = Object.entries({ ...(before ?? key), ...write.set }).filter(
        ([name]) => !removed.has(name),
      );
      const added = Object.entries(write.add ?? {}).map(([name, by]) => [
        name,
        Number(before?.[name] ?? 0) + by,
      ]);
      this.#items = [...this.#items, Object.fromEntries([...kept, ...added]) as Item];
    }
  }
}

function isMet(condition: Condition, item: Item | undefined): boolean {
  const held = item?.[condition.attribute];
  if (condition.is === 'absent') return held === undefined;
  if (typeof held !== typeof condition.value) return false;
  if (condition.is === '=') return held === condition.value;
  const order =
    typeof held === 'number'
      ? held - Number(condition.value)
      : Buffer.compare(Buffer.from(String(held)), Buffer.from(String(condition.value)));
  return condition.is === '<=' ? order <= 0 : order >= 0;
}
