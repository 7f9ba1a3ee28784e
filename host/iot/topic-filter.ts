import { topicLimitRefusal } from './topic-limits.ts';

/** Whether a topic matches a filter. */
export type TopicMatcher = (topic: string) => boolean;

/**
 * What is wrong with a topic filter (MQTT 3.1.1, 4.7.1), as a rule that it breaks; `undefined` when nothing is: `#` stands
 * alone in the last level, `+` alone in its level.
 */
export function topicFilterRefusal(filter: string): string | undefined {
  const limit = topicLimitRefusal(filter);
  if (limit !== undefined) return limit;
  const levels = filter.split('/');
  const isMisplaced = levels.some(
    (level, at) =>
      (level.includes('#') && (level !== '#' || at < levels.length - 1)) ||
      (level.includes('+') && level !== '+'),
  );
  return isMisplaced ? 'must have # only as its last level and + only as a whole level' : undefined;
}

/**
 * Compiles a topic filter that `topicFilterRefusal` has nothing against. `+` matches one level, also an empty one; `#`
 * matches its parent level and all below (4.7.1.2); neither matches the `$` that a topic begins with (4.7.2).
 */
export function compileTopicFilter(filter: string): TopicMatcher {
  const levels = filter.split('/');
  const hasRest = levels.at(-1) === '#';
  if (hasRest) levels.pop();
  const isWildFirst = filter.startsWith('+') || filter.startsWith('#');
  if (!hasRest && !levels.includes('+')) return (topic) => topic === filter;
  return (topic) => (isWildFirst && topic.startsWith('$') ? false : matchesLevels(levels, hasRest, topic));
}

function matchesLevels(levels: readonly string[], hasRest: boolean, topic: string): boolean {
  let at = 0;
  for (const level of levels) {
    // Past the end by more than the slash that would follow: there is no such level.
    if (at > topic.length) return false;
    const slash = topic.indexOf('/', at);
    const end = slash < 0 ? topic.length : slash;
    if (level !== '+' && (end - at !== level.length || !topic.startsWith(level, at))) return false;
    at = end + 1;
  }
  return hasRest || at > topic.length;
}
