/** Who is connected, as far as policies ask. */
export interface DeviceIdentity {
  readonly clientId: string;
  /** Name of the thing that the certificate is attached to; `undefined` when there is none. */
  readonly thingName: string | undefined;
  /** Attributes of that thing. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether the certificate that the client presented is attached to the thing named like its client id. */
  readonly isAttached: boolean;
}
