/** The way down to devices. Delivery is a hint: a queued message dies within an hour, the pull is the truth. */
export interface DeviceLink {
  /** Publishes with QoS 1 to `topic`; the payload is at most 128 KB (IoT Core limit). Resolves when accepted, not when delivered. */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /** Ends the connection of that client id; nothing happens if it has none. */
  disconnect(thing: string): Promise<void>;
}
