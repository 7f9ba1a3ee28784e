import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileTopicFilter, topicFilterRefusal } from './topic-filter.ts';

/** What the MQTT specification says of levels, as directly as it can be said. */
function matchesBySpecification(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const matches = ([level, ...filters]: readonly string[], topics: readonly string[]): boolean => {
    if (level === '#') return true;
    if (level === undefined) return topics.length === 0;
    if (topics.length === 0) return false;
    return (level === '+' || level === topics[0]) && matches(filters, topics.slice(1));
  };
  return matches(filter.split('/'), topic.split('/'));
}

const level = fc.constantFrom('', 'a', 'b', 'ab', '$a', 'ä');
const topics = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 5 }), fc.boolean())
  .map(([levels, hasRest]) => [...levels, ...(hasRest ? ['#'] : [])].join('/'));

describe('a topic filter', () => {
  test('matches what the specification says', () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        fc.pre(topicFilterRefusal(filter) === undefined);
        expect(compileTopicFilter(filter)(topic)).toBe(matchesBySpecification(filter, topic));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['sport/#', 'sport', true],
    ['sport/#', 'sports', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/load', false],
    ['+/load', '$SYS/load', false],
    ['$SYS/#', '$SYS/load', true],
    ['a/b', 'a/b/c', false],
    ['a/+/c', 'a//c', true],
  ])('%s matches %s: %s', (filter, topic, expected) => {
    expect(compileTopicFilter(filter)(topic)).toBe(expected);
  });

  test.each(['', 'a/#/b', 'a#', 'a/b#', 'a+', '+a/b', 'a/\u0000', 'x'.repeat(257), 'a/a/a/a/a/a/a/a/a'])(
    '%j is refused',
    (filter) => {
      expect(topicFilterRefusal(filter)).toMatch(/^must/);
    },
  );

  test.each(['#', '+', '+/#', '/', 'a/+/b', '/+/', 'a/a/a/a/a/a/a/#'])('%j is allowed', (filter) => {
    expect(topicFilterRefusal(filter)).toBeUndefined();
  });
});
