import type { Duplex } from 'node:stream';
import type { EndReason, FrameGate } from './frame-gate.ts';

/** What a certificate stands for: the thing that it is attached to, with the thing's attributes. */
export interface AttachedThing {
  readonly certificateId: string;
  readonly thing: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One connection: who is behind it, and what the broker must remember of it. */
export interface Peer {
  readonly identity: AttachedThing;
  readonly gate: FrameGate;
  readonly connection: Duplex;
  readonly session: string;
  /** Why the connection ends, once that is known. */
  ending?: EndReason;
  /** What is wrong with the CONNECT packet, told to the client in the CONNACK. */
  connectRule?: string;
}
