import { RefusedError } from '#shared/errors/errors.ts';
import { topicLimitRefusal } from './topic-limits.ts';

/** Where a message is published to. */
export interface PublishTopic {
  /** Name of the one rule that it is for, when it came by Basic Ingest. */
  readonly ruleName: string | undefined;
  /** The topic that rules and receivers see: without the Basic Ingest prefix. */
  readonly topic: string;
}

const INGEST_PREFIX = '$aws/rules/';
const RULE_NAME = /^[A-Za-z0-9_]{1,128}$/;

/**
 * Reads the topic of a PUBLISH. On Basic Ingest topics (`$aws/rules/<rule>/<topic>`) the first three levels count neither
 * toward the length of a topic nor toward its slashes, and `topic()` does not see them (AWS IoT Core developer guide,
 * "Basic Ingest"). Throws `RefusedError` for a topic that IoT Core refuses.
 */
export function readPublishTopic(published: string): PublishTopic {
  if (!published.startsWith(INGEST_PREFIX)) return { ruleName: undefined, topic: checked(published) };
  const slash = published.indexOf('/', INGEST_PREFIX.length);
  const ruleName = published.slice(INGEST_PREFIX.length, slash < 0 ? published.length : slash);
  if (!RULE_NAME.test(ruleName) || slash < 0) {
    throw new RefusedError(
      'topic',
      `must be ${INGEST_PREFIX}<rule>/<topic>, with letters, digits and _ in <rule>`,
    );
  }
  return { ruleName, topic: checked(published.slice(slash + 1)) };
}

function checked(topic: string): string {
  const refusal = topicLimitRefusal(topic);
  if (refusal !== undefined) throw new RefusedError('topic', refusal);
  if (topic.includes('+') || topic.includes('#'))
    throw new RefusedError('topic', 'must not contain wildcards');
  return topic;
}
