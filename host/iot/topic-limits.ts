/** AWS IoT Core: "Topic size", UTF-8 encoded bytes. */
const MAX_TOPIC_BYTES = 256;
/** AWS IoT Core: "Maximum number of slashes in topic and topic filter". */
const MAX_TOPIC_SLASHES = 7;

/** The rule of IoT Core or MQTT 3.1.1 (4.7.3) that a topic or topic filter breaks; `undefined` when it breaks none. */
export function topicLimitRefusal(topic: string): string | undefined {
  if (topic.length === 0) return 'must not be empty';
  // A code unit is at most three bytes of UTF-8, so that short topics need not be measured.
  if (topic.length * 3 > MAX_TOPIC_BYTES && Buffer.byteLength(topic) > MAX_TOPIC_BYTES) {
    return `must be at most ${MAX_TOPIC_BYTES} bytes long`;
  }
  if (topic.includes('\u0000')) return 'must not contain the null character';
  let slashes = 0;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) slashes += 1;
  return slashes > MAX_TOPIC_SLASHES ? `must have at most ${MAX_TOPIC_SLASHES} slashes` : undefined;
}
