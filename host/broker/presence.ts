import type { EndReason } from './frame-gate.ts';
import type { Peer } from './peer.ts';

/** A message of the broker itself about one client. */
export interface PresenceMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** What a lifecycle event tells of a connection. */
export type Session = Pick<Peer, 'certificateId' | 'session'>;

/** The lifecycle event of a client that has connected, as IoT Core publishes it. */
export function connectedEvent(clientId: string, peer: Session, atMs: number): PresenceMessage {
  return presence('connected', clientId, peer, atMs, {});
}

/** The lifecycle event of a client that is gone, and why. */
export function disconnectedEvent(
  clientId: string,
  peer: Session,
  atMs: number,
  reason: EndReason,
): PresenceMessage {
  const clientInitiatedDisconnect = reason === 'CLIENT_INITIATED_DISCONNECT';
  return presence('disconnected', clientId, peer, atMs, {
    clientInitiatedDisconnect,
    disconnectReason: reason,
  });
}

/** `versionNumber` is always 0 here: consumers go by `sessionIdentifier`, because on AWS it restarts as well. */
function presence(
  eventType: 'connected' | 'disconnected',
  clientId: string,
  { certificateId, session }: Session,
  timestamp: number,
  more: Readonly<Record<string, unknown>>,
): PresenceMessage {
  const event = {
    clientId,
    timestamp,
    eventType,
    ...more,
    sessionIdentifier: session,
    principalIdentifier: certificateId,
    versionNumber: 0,
  };
  return {
    topic: `$aws/events/presence/${eventType}/${clientId}`,
    payload: Buffer.from(JSON.stringify(event)),
  };
}
