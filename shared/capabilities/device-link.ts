/** The way down to devices. Delivery is a hint: a queued message dies within an hour, the pull is the truth. */
export interface DeviceLink {
  /**
   * Publishes with QoS 0 to `topic`, because every message answers a device that asks again, and an acknowledgement would be
   * billed like a message; the payload is at most 128 KB (IoT Core limit). Resolves when accepted, not when delivered.
   */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /** Ends the connection of that client id; nothing happens if it has none. */
  disconnect(thing: string): Promise<void>;
}
