import type { Kept } from '../simulation/faults/witness.ts';
import type { Kind } from './kind.ts';
import { readable } from './readable.ts';
import { traitsOf } from './traits.ts';

/** Something that was kept, as it was written, and what it is taken for ever since. */
export interface Sample {
  /** The day of the commit whose code wrote it. */
  readonly since: string;
  readonly what: Kept['what'];
  readonly means: unknown;
}

/** What the code of today takes it for, in JSON. */
export async function meaningOf(kind: Kind, what: Kept['what']): Promise<unknown> {
  const means = await readable(() => kind.read(what));
  const text = JSON.stringify(means, (_name, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    if (value instanceof Set) return [...value];
    return value instanceof Error ? value.message : value;
  });
  return text === undefined ? null : JSON.parse(text);
}

/** The traits of a sample: of what was written, without its key, and of what that means. */
export function traitsOfSample({
  what: { pk: _pk, sk: _sk, ...what },
  means,
}: Omit<Sample, 'since'>): Set<string> {
  return new Set([...traitsOf(what), ...traitsOf(means, 'means ')]);
}
