import type { Key } from '#shared/capabilities/table.ts';

/** The items that calls in flight are writing. */
export class Overlaps {
  readonly #inTransaction = new Map<string, number>();
  readonly #inPlainWrite = new Map<string, number>();

  /** Whether a plain write of this item would meet a transaction. */
  meetsTransaction(key: Key): boolean {
    return this.#inTransaction.has(textOf(key));
  }

  /** Whether a transaction on these items would meet another, or a plain write. */
  meetsAny(keys: readonly Key[]): boolean {
    return keys.some((key) => this.#inPlainWrite.has(textOf(key)) || this.meetsTransaction(key));
  }

  /** Runs `call` as a transaction on these items. */
  transacting<T>(keys: readonly Key[], call: () => Promise<T>): Promise<T> {
    return counted(this.#inTransaction, keys, call);
  }

  /** Runs `call` as plain writes of these items. */
  writing<T>(keys: readonly Key[], call: () => Promise<T>): Promise<T> {
    return counted(this.#inPlainWrite, keys, call);
  }
}

async function counted<T>(
  counts: Map<string, number>,
  keys: readonly Key[],
  call: () => Promise<T>,
): Promise<T> {
  const texts = keys.map(textOf);
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  try {
    return await call();
  } finally {
    for (const text of texts) {
      const left = (counts.get(text) ?? 0) - 1;
      if (left > 0) counts.set(text, left);
      else counts.delete(text);
    }
  }
}

function textOf({ pk, sk }: Key): string {
  return JSON.stringify([pk, sk]);
}
