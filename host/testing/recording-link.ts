import { topicLimitRefusal } from '#host/iot/topic-limits.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import { RefusedError } from '#shared/errors/errors.ts';

/** A message that a function has sent down to devices. */
export interface SentDown {
  readonly topic: string;
  readonly payload: Buffer;
  /** The payload as JSON; `undefined` when it is none. */
  readonly json: unknown;
}

/** The way down to devices without a broker: remembers what was sent, with the limits of the real one. */
export class RecordingLink implements DeviceLink {
  readonly sent: SentDown[] = [];
  readonly disconnected: string[] = [];

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    const fault = topicLimitRefusal(topic);
    if (fault !== undefined) throw new RefusedError('topic', fault);
    const bytes = Buffer.from(payload);
    if (bytes.length > 131_072) throw new RefusedError('payload', 'must be at most 131072 bytes');
    this.sent.push({ topic, payload: bytes, json: jsonOf(bytes) });
  }

  async disconnect(thing: string): Promise<void> {
    this.disconnected.push(thing);
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
