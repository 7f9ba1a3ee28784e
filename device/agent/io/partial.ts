/** What there is of an artifact so far. Bytes are added in order. */
export interface Partial {
  readonly receivedBytes: number;
  /** Strong ETag of the object that the bytes came from, where known. */
  readonly etag: string | undefined;
  /** Drops what there is: the bytes that follow are those of the object with that ETag, from its start. */
  restart(etag: string | undefined): Promise<void>;
  append(chunk: Uint8Array): void | Promise<void>;
  /** Leaves it as it is, to go on later. */
  pause(): Promise<void>;
  /** Ends it: answers the sha256 of all bytes, lower-case hex. */
  digest(): Promise<string>;
  /** Keeps it as a whole artifact, after its digest was found right; answers where it is. */
  keep(): Promise<string>;
}

/** Where a device keeps what it downloads. */
export interface PartialStore {
  /** The path of the artifact, where it is there whole and right. */
  whole(sha256: string): Promise<string | undefined>;
  open(sha256: string, sizeBytes: number): Promise<Partial>;
  discard(sha256: string): Promise<void>;
}
