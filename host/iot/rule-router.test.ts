import { describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import { readPublishTopic } from './publish-topic.ts';
import { RuleRouter } from './rule-router.ts';
import { compileRuleSql } from './sql/compile-rule-sql.ts';

const rule = (name: string, filter: string) => ({ name, sql: compileRuleSql(`SELECT * FROM '${filter}'`) });
const router = new RuleRouter([rule('check', 'ek/+/check'), rule('all', 'ek/#'), rule('other', 'other')]);
const rulesFor = (published: string): string[] =>
  router.rulesFor(readPublishTopic(published)).map(({ name }) => name);

describe('a publish', () => {
  test('runs all rules whose FROM matches its topic', () => {
    expect(rulesFor('ek/d/check')).toEqual(['check', 'all']);
    expect(rulesFor('nobody/listens')).toEqual([]);
  });

  test('by Basic Ingest runs exactly the rule named, whatever its FROM', () => {
    expect(rulesFor('$aws/rules/check/ek/d/check')).toEqual(['check']);
    expect(rulesFor('$aws/rules/other/ek/d/check')).toEqual(['other']);
    expect(rulesFor('$aws/rules/missing/ek/d/check')).toEqual([]);
  });

  test('by Basic Ingest hides the prefix from the rule', () => {
    expect(readPublishTopic('$aws/rules/check/ek/d/check')).toEqual({
      ruleName: 'check',
      topic: 'ek/d/check',
    });
  });
});

describe('the topic of a publish', () => {
  const longest = 'x'.repeat(256);
  const deepest = 'a/a/a/a/a/a/a/a';

  test.each([
    longest,
    deepest,
    `$aws/rules/check/${longest}`,
    `$aws/rules/check/${deepest}`,
    'é'.repeat(128),
  ])('may be %s', (topic) => {
    expect(readPublishTopic(topic).topic).toBe(topic.replace('$aws/rules/check/', ''));
  });

  test.each([
    ['', 'must not be empty'],
    [`${longest}x`, 'at most 256 bytes'],
    ['é'.repeat(129), 'at most 256 bytes'],
    [`${deepest}/`, 'at most 7 slashes'],
    [`$aws/rules/check/${deepest}/a`, 'at most 7 slashes'],
    [`$aws/rules/check/${longest}x`, 'at most 256 bytes'],
    ['$aws/rules/check', 'must be $aws/rules/<rule>/<topic>'],
    ['$aws/rules/check/', 'must not be empty'],
    ['$aws/rules//ek', 'must be $aws/rules/<rule>/<topic>'],
    ['$aws/rules/che-ck/ek', 'must be $aws/rules/<rule>/<topic>'],
    ['a/+/b', 'must not contain wildcards'],
    ['$aws/rules/check/#', 'must not contain wildcards'],
    ['a\u0000', 'null character'],
  ])('must not be %j: it %s', (topic, refusal) => {
    expect(() => readPublishTopic(topic)).toThrow(RefusedError);
    expect(() => readPublishTopic(topic)).toThrow(refusal);
  });
});
