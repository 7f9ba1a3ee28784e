import type { Kept } from '../simulation/faults/witness.ts';
import { committedSamples } from './committed.ts';
import type { Kind } from './kind.ts';
import { kindOf } from './kinds.ts';
import { meaningOf, type Sample, traitsOfSample } from './sample.ts';

/** Finds, among what is kept, what has a shape of which there is no sample yet. */
export class Gathering {
  readonly #kinds: readonly Kind[];
  readonly #shown: ReadonlyMap<Kind, Set<string>>;
  readonly #seen = new Set<string>();

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
    this.#shown = new Map(
      kinds.map((kind) => [
        kind,
        new Set(committedSamples(kind).flatMap((sample) => [...traitsOfSample(sample)])),
      ]),
    );
  }

  /** What is new about it; nothing where samples show it all. Throws where it is of no kind. */
  async look(
    kept: Kept,
  ): Promise<
    | { readonly kind: Kind; readonly fresh: readonly string[]; readonly sample: Omit<Sample, 'since'> }
    | undefined
  > {
    const kind = kindOf(this.#kinds, kept);
    const text = `${kept.where} ${JSON.stringify(kept.what)}`;
    if (kind === undefined || this.#seen.has(text)) return undefined;
    this.#seen.add(text);
    const sample = { what: kept.what, means: await meaningOf(kind, kept.what) };
    const shown = this.#shown.get(kind) ?? new Set();
    const fresh = [...traitsOfSample(sample)].filter((trait) => !shown.has(trait));
    for (const trait of fresh) shown.add(trait);
    return fresh.length === 0 ? undefined : { kind, fresh, sample };
  }
}
