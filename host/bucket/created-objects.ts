import type { ObjectCreated, ObjectIndex } from './object-index.ts';

/** Where creations go. Resolves once the event is recorded durably; may get the same event twice. */
export type OnObjectCreated = (event: ObjectCreated) => Promise<void>;

/** Tells of every object that appeared, at least once: the index remembers whom it has not told of. */
export class CreatedObjects {
  readonly #index: ObjectIndex;
  readonly #record: OnObjectCreated;

  constructor(index: ObjectIndex, record: OnObjectCreated) {
    this.#index = index;
    this.#record = record;
  }

  /** Tells of one durable object. When recording throws, so does this, and `tellUntold` tries again. */
  async tell({ bucket, key, sizeBytes, version, etag }: ObjectCreated): Promise<void> {
    const event = { bucket, key, sizeBytes, version, etag };
    await this.#record(event);
    this.#index.markTold(event);
  }

  /** Tells again of what a crash or a failed recording left untold. */
  async tellUntold(): Promise<void> {
    for (const object of this.#index.untold()) await this.tell(object);
  }
}
