/** An attribute that is part of a key, with the only type it may have. */
export interface KeyAttribute {
  readonly attribute: string;
  readonly type: 'string' | 'number';
}

/** A global secondary index: an item is in it when it has all of the index's key attributes. */
export interface IndexDefinition {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
  /** What index reads return besides all keys: everything (the default), nothing, or the attributes named. */
  readonly projection?: 'all' | 'keys' | readonly string[];
}

/** A table as a service's `tables.yml` declares it; the key is always `pk` and `sk`, both strings. */
export interface TableDefinition {
  /** 1 to 255 characters of `A-Z a-z 0-9 _ . -`. */
  readonly name: string;
  readonly indexes?: Readonly<Record<string, IndexDefinition>>;
  /** The TTL attribute: a number of seconds since 1970 after which the item may be removed. */
  readonly expiresBy?: string;
  /** Whether every change is kept for the change stream (new and old images). */
  readonly stream?: boolean;
  /** Whether nobody outside is ever told of what it holds: what leaves the process does not wait until that is on disk. */
  readonly aside?: boolean;
}
