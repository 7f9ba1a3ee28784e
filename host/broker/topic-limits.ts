/** IoT Core: a topic or filter has at most 256 bytes of UTF-8, and at most 7 slashes. */
const MAX_TOPIC_BYTES = 256;
const MAX_SLASHES = 7;

/** `$aws/rules/<rule>/`: exempt from the limits of the topic that follows (IoT Core, Basic Ingest). */
const BASIC_INGEST = /^\$aws\/rules\/([A-Za-z0-9_]{1,128})\//;

/** A Basic Ingest topic taken apart: the rule, and the topic that its SQL sees. */
export interface BasicIngest {
  readonly rule: string;
  readonly topic: string;
}

/** Takes a Basic Ingest topic apart; `undefined` for any other topic. */
export function basicIngestOf(topic: string): BasicIngest | undefined {
  const prefix = BASIC_INGEST.exec(topic);
  if (prefix === null) return undefined;
  return { rule: prefix[1] ?? '', topic: topic.slice(prefix[0].length) };
}

/** What is wrong with a topic or filter by IoT Core's limits, if anything. */
export function topicFault(topic: string): string | undefined {
  const counted = basicIngestOf(topic)?.topic ?? topic;
  if (counted === '') return 'a topic must not be empty';
  if (topic.includes('\0')) return 'a topic must not hold U+0000';
  if (Buffer.byteLength(counted) > MAX_TOPIC_BYTES) return `a topic has at most ${MAX_TOPIC_BYTES} bytes`;
  const slashes = counted.split('/').length - 1;
  return slashes > MAX_SLASHES ? `a topic has at most ${MAX_SLASHES} slashes` : undefined;
}
