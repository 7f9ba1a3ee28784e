import * as z from 'zod';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import { Nonce } from '#shared/contracts/device/check.ts';
import { RuleEvent } from '#shared/contracts/device/rule-event.ts';
import { splitThing, Ulid } from '#shared/contracts/names.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { parseOrRefuse, refusalOf } from '#shared/errors/refusal-of.ts';
import { answerDevice } from './answer-device.ts';
import { readJson, refuseIllFormed } from './read-json.ts';

/** A message from a device, read and checked. */
export interface DeviceMessage<Body> {
  readonly thing: string;
  readonly tenant: string;
  readonly deviceId: string;
  readonly certificateId: string;
  /** When the broker took it, milliseconds since 1970. */
  readonly atMs: number;
  readonly body: Body;
}

/** A message is JSON in UTF-8, an object, at most 16 KB: the largest of ours is below 8 KB. */
const MAX_PAYLOAD_BYTES = 16_384;
const BACKSLASH = 0x5c;

/** What a rule says of the sender; the rest of its event is of our own making. */
const OF_THE_SENDER: ReadonlySet<string> = new Set(['thing', 'client', 'certificate']);

/**
 * Reads who sent it. Throws `RefusedError` when the sender may not speak for that thing, or is nobody, and `TypeError` when
 * this is not what a rule hands over: a rule or a writer of ours is broken, and no device can do anything about it.
 */
export function readSender(event: unknown): RuleEvent {
  const read = RuleEvent.safeParse(event);
  if (!read.success) {
    const refusal = refusalOf(read.error, 'message');
    if (OF_THE_SENDER.has(refusal.field)) throw refusal;
    throw new TypeError(`not what an IoT rule hands over: ${refusal.message}`);
  }
  if (read.data.client !== read.data.thing)
    throw new RefusedError('topic', 'must be the topic of the client itself');
  return read.data;
}

/** Reads the body of a message; throws `RefusedError` with field and rule. */
export function readDeviceMessage<Body>(rule: RuleEvent, schema: z.ZodType<Body>): DeviceMessage<Body> {
  const bytes = Buffer.from(rule.payload, 'base64');
  if (bytes.length > MAX_PAYLOAD_BYTES)
    throw new RefusedError('message', `must be at most ${MAX_PAYLOAD_BYTES} bytes`);
  const body = parseOrRefuse(schema, readJson(bytes, 'message'), 'message');
  // Bytes in UTF-8 are well-formed; only an escape can spell what is not. Most messages have none.
  if (bytes.includes(BACKSLASH)) refuseIllFormed(body, 'message');
  const { tenant, deviceId } = splitThing(rule.thing);
  return { thing: rule.thing, tenant, deviceId, certificateId: rule.certificate, atMs: rule.at, body };
}

/** A message as a rule would hand it over, to be sent on to a queue that is read as one that a rule fills. */
export function ruleEventOf<Body>(message: DeviceMessage<Body>): RuleEvent {
  const payload = Buffer.from(JSON.stringify(message.body)).toString('base64');
  const { thing, certificateId, atMs } = message;
  return { payload, thing, client: thing, certificate: certificateId, at: atMs, forwarded: true };
}

/** What a request has that breaks some other rule. */
const Asking = z.object({ nonce: Nonce });
/** The same of a report, which has no nonce. */
const Reporting = z.object({ attempt: Ulid });

/**
 * Tells the device what was refused, and why, with the nonce of its request or the attempt of its report where that can be read: nobody
 * else can tell which one is over.
 * `kind` is the last level of the topic that the message came on.
 */
export async function answerRefused(
  link: DeviceLink,
  { thing, payload }: Pick<RuleEvent, 'thing' | 'payload'>,
  kind: string,
  { field, rule }: RefusedError,
): Promise<void> {
  const body = parseJson(Buffer.from(payload, 'base64').toString());
  const about = Asking.safeParse(body).data ?? Reporting.safeParse(body).data;
  await answerDevice(link, thing, {
    kind: 'refused',
    answer: { v: 1, message: kind, ...about, field, rule },
  });
}
