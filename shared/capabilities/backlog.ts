/** How far the readers of a queue are behind. Times in milliseconds, instants since 1970. */
export interface Unread {
  /** Messages not yet deleted: waiting, delayed or in flight. */
  readonly messages: number;
  /**
   * No message that is waiting or in flight (not delayed) was sent before that; absent if there is none. A home that cannot
   * tell exactly answers an earlier instant, never a later one.
   */
  readonly oldestSentAtMs?: number;
  /**
   * For how long the oldest such message had been unread when that was last known; absent if there is none, and where the
   * home does not know although there may be one.
   */
  readonly oldestAgeMs?: number;
}

/** A look at a queue that others read: what is still to be heard. */
export interface Backlog {
  unread(): Promise<Unread>;
}
