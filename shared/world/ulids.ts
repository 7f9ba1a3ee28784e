import type { Ids } from '#shared/capabilities/ids.ts';
import type { World } from '#shared/world/world.ts';

/** Crockford's base32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Identifiers that sort by time: 48 bits of milliseconds, then 80 bits of chance (the ULID specification). */
export class Ulids implements Ids {
  readonly #world: Pick<World, 'now' | 'random' | 'randomBytes'>;

  constructor(world: Pick<World, 'now' | 'random' | 'randomBytes'>) {
    this.#world = world;
  }

  next(): string {
    let text = '';
    for (let left = this.#world.now(), at = 0; at < 10; at++) {
      text = ALPHABET[left % 32] + text;
      left = Math.floor(left / 32);
    }
    // Sixteen bytes, of which five bits each are used: simpler than carrying bits over, and as random.
    for (const byte of this.#world.randomBytes(16)) text += ALPHABET[byte & 31];
    return text;
  }

  random(): number {
    return this.#world.random();
  }
}
