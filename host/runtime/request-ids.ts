import type { World } from '#shared/world/world.ts';

/** Request ids that look like Lambda's and cost nothing: chance once per start, then a counter. */
export class RequestIds {
  readonly #prefix: string;
  #count = 0;

  constructor(world: Pick<World, 'randomBytes'>) {
    const hex = Buffer.from(world.randomBytes(10)).toString('hex');
    this.#prefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-`;
  }

  next(): string {
    this.#count += 1;
    return this.#prefix + this.#count.toString(16).padStart(12, '0');
  }
}
