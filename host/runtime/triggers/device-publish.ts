/** A message that a client (or the broker itself) has published, after all checks. */
export interface DevicePublish {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** Certificate id of the sender. */
  readonly principal: string;
  /** When the broker took it, milliseconds since 1970. */
  readonly atMs: number;
}
