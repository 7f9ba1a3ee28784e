/** New identifiers and chance, passed in. */
export interface Ids {
  /** A new identifier of 26 characters of Crockford base32 that sorts by time (a ULID). */
  next(): string;
  /** A number in [0, 1) for jitter and for choosing shards; never for secrets. */
  random(): number;
}
