import type { TLSSocket } from 'node:tls';
import type { Attachment } from '#host/identity/thing-registry.ts';
import type { DeviceIdentity } from '#host/iot/policy/device-identity.ts';
import type { DeviceAction } from '#host/iot/policy/device-policy.ts';
import type { EndReason, FrameGate } from './frame-gate.ts';

/** One connection: who is behind it, and what the broker must remember of it. */
export interface Peer {
  readonly certificateId: string;
  /** The thing that the certificate is attached to. */
  readonly attachment: Attachment;
  readonly gate: FrameGate;
  readonly connection: TLSSocket;
  readonly session: string;
  /** Bytes that the broker is about to write to it. */
  onItsWayBytes: number;
  /** What the policy allowed it last, by action: a device does the same again and again. */
  readonly allowed: Map<DeviceAction, string>;
  /** The filters that it is subscribed to. */
  readonly filters: Set<string>;
  /** Who it says it is, once it has said so. */
  identity?: DeviceIdentity;
  /** Why the connection ends, once that is known. */
  ending?: EndReason;
  /** Why its CONNECT is refused, and the return code that the CONNACK says so with. */
  connectRefusal?: { readonly rule: string; readonly returnCode: number };
}
