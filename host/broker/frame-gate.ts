import { BYTES_PER_SECOND, type DeviceShare, PACKETS_PER_SECOND } from './device-share.ts';

/** Why a connection is ended: the reason that IoT Core gives in its lifecycle events. */
export type EndReason =
  | 'CLIENT_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'FORBIDDEN_ACCESS'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_INITIATED_DISCONNECT'
  | 'THROTTLED';

/** What was wrong with what a client sent. */
export interface Violation {
  readonly reason: EndReason;
  /** The rule it breaks, one sentence without a full stop. */
  readonly rule: string;
  /** The return code of the CONNACK that it is answered with before the connection ends; it ends without one otherwise. */
  readonly returnCode?: number;
}

/** Packet types in the upper half of the first byte (MQTT 3.1.1, 2.2.1). */
const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const DISCONNECT = 14;

/** IoT Core: payload of at most 128 KB. */
export const MAX_PAYLOAD_BYTES = 131_072;
/** IoT Core: at most 8 filters in one SUBSCRIBE. */
const MAX_FILTERS = 8;
/** What surrounds the payload: packet id, topic and its Basic Ingest prefix, client id, will topic. */
const MAX_ENVELOPE_BYTES = 2_048;
/** Packet id and eight filters of 256 bytes, each with its length and QoS. */
const MAX_SUBSCRIBE_BYTES = 2 + MAX_FILTERS * (2 + 256 + 1);
/** A CONNECT begins with its protocol's name, the longest of which is `MQIsdp`, and the level (MQTT 3.1.1, 3.1.2). */
const OPENING_BYTES = 2 + 6 + 1;
const PROTOCOLS: readonly string[] = ['MQTT', 'MQIsdp'];
const LEVEL_3_1_1 = 4;
/** A bridge says so with the highest bit of the level. */
const LEVEL_BITS = 0x7f;
/** CONNACK return code "unacceptable protocol version" (MQTT 3.1.1, 3.2.2.3). */
const UNACCEPTABLE_LEVEL = 1;
/** Acknowledgements, PINGREQ and DISCONNECT: a packet id or nothing. */
const MAX_OTHER_BYTES = 4;

/**
 * Reads the frames of one connection before the broker does, so that nothing is gathered that will be refused: a packet may
 * announce 256 MB (MQTT 3.1.1, 2.2.3).
 */
export class FrameGate {
  #type = 0;
  #flags = 0;
  #state: 'type' | 'length' | 'body' = 'type';
  #lengthBytes = 0;
  #left = 0;
  #subscribe: number[] = [];
  #opening: number[] = [];
  readonly #share: DeviceShare;
  #saidGoodbye = false;

  /** What it lets pass is taken from that share. */
  constructor(share: DeviceShare) {
    this.#share = share;
  }

  /** For how long, in milliseconds, nothing more is to be read from this device: it has sent more messages than it may. */
  closedForMs(nowMs: number): number {
    return this.#share.messages.owedForMs(nowMs);
  }

  /** Whether the client has said DISCONNECT. */
  get saidGoodbye(): boolean {
    return this.#saidGoodbye;
  }

  /** Takes the next bytes of the connection; answers what is wrong with them, if anything. `nowMs` is on a monotonic clock. */
  accept(chunk: Uint8Array, nowMs: number): Violation | undefined {
    if (!this.#share.bytes.take(chunk.length, nowMs))
      return throttle(`at most ${BYTES_PER_SECOND} bytes a second`);
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === 'body') {
        const take = Math.min(this.#left, chunk.length - at);
        if (this.#type === SUBSCRIBE) this.#subscribe.push(...chunk.subarray(at, at + take));
        if (this.#type === CONNECT) this.#open(chunk.subarray(at, at + take));
        this.#left -= take;
        at += take;
      } else {
        // `at` is below the length.
        const violation = this.#header(chunk[at] ?? 0, nowMs);
        if (violation !== undefined) return violation;
        at += 1;
      }
      if (this.#state === 'body' && this.#left === 0) {
        const violation = this.#endOfPacket();
        if (violation !== undefined) return violation;
      }
    }
    return undefined;
  }

  #header(byte: number, nowMs: number): Violation | undefined {
    if (this.#state === 'type') {
      this.#type = byte >> 4;
      this.#flags = byte & 0x0f;
      this.#state = 'length';
      this.#lengthBytes = 0;
      this.#left = 0;
      if (this.#type === PUBLISH && (this.#flags & 0b0100) !== 0) return refuse('QoS 2 is not served');
      // What is too much has come already: it is heard, and the next waits for it.
      if (this.#type === PUBLISH) this.#share.messages.take(1, nowMs);
      if (this.#share.packets.take(1, nowMs)) return undefined;
      return throttle(`at most ${PACKETS_PER_SECOND} packets a second`);
    }
    this.#left += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (byte >= 0x80) return this.#lengthBytes === 4 ? refuse('a length has at most 4 bytes') : undefined;
    this.#state = 'body';
    const limitBytes = limitOf(this.#type);
    return this.#left > limitBytes ? refuse(`the packet must be at most ${limitBytes} bytes`) : undefined;
  }

  /** Keeps how a CONNECT begins: all that is looked at here. */
  #open(bytes: Uint8Array): void {
    this.#opening.push(...bytes.subarray(0, OPENING_BYTES - this.#opening.length));
  }

  #endOfPacket(): Violation | undefined {
    this.#state = 'type';
    if (this.#type === DISCONNECT) this.#saidGoodbye = true;
    if (this.#type === CONNECT) return speaksOther(this.#opening);
    if (this.#type !== SUBSCRIBE) return undefined;
    const filters = countFilters(this.#subscribe);
    this.#subscribe = [];
    return filters > MAX_FILTERS ? refuse(`a SUBSCRIBE has at most ${MAX_FILTERS} filters`) : undefined;
  }
}

function limitOf(type: number): number {
  if (type === CONNECT || type === PUBLISH) return MAX_PAYLOAD_BYTES + MAX_ENVELOPE_BYTES;
  return type === SUBSCRIBE || type === UNSUBSCRIBE ? MAX_SUBSCRIBE_BYTES : MAX_OTHER_BYTES;
}

/** What does not begin as a CONNECT of MQTT at all is left to who parses it. */
function speaksOther(opening: readonly number[]): Violation | undefined {
  const nameEnd = 2 + (opening[0] ?? 0) * 256 + (opening[1] ?? 0);
  const level = opening[nameEnd];
  const name = String.fromCharCode(...opening.slice(2, nameEnd));
  if (level === undefined || !PROTOCOLS.includes(name) || (level & LEVEL_BITS) === LEVEL_3_1_1)
    return undefined;
  return { ...refuse('the protocol must be MQTT 3.1.1'), returnCode: UNACCEPTABLE_LEVEL };
}

/** Filters in the body of a SUBSCRIBE: packet id, then length, filter and QoS, again and again (MQTT 3.1.1, 3.8.3). */
function countFilters(body: readonly number[]): number {
  let filters = 0;
  for (let at = 2; at < body.length; filters++) {
    const length = (body[at] ?? 0) * 256 + (body[at + 1] ?? 0);
    at += 2 + length + 1;
  }
  return filters;
}

function refuse(rule: string): Violation {
  return { reason: 'CLIENT_ERROR', rule };
}

function throttle(rule: string): Violation {
  return { reason: 'THROTTLED', rule };
}
