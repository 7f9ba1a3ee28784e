/** The bytes of a text, as a plain `Uint8Array` so that they compare equal. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Everything that a read gives; throws when there is no such object. */
export async function readAll(reading: Promise<AsyncIterable<Uint8Array> | undefined>): Promise<Uint8Array> {
  const chunks = await reading;
  if (chunks === undefined) throw new Error('there is no such object');
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}

/** `sizeBytes` bytes that differ from place to place and from `seed` to `seed`. */
export function patternBytes(sizeBytes: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  // A linear congruential generator (Numerical Recipes): any change of place shows.
  const { imul } = Math;
  let word = seed;
  for (let at = 0; at < words.length; at++) {
    word = (imul(word, 1664525) + 1013904223) >>> 0;
    words[at] = word;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}
