/** A message as a rule sees it. */
export interface RuleMessage {
  /** Without a Basic Ingest prefix. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** Id of the certificate that the client connected with: the sha256 of its DER, in hex. */
  readonly principal: string;
  /** When the broker took it, milliseconds since 1970. */
  readonly timestampMs: number;
}
