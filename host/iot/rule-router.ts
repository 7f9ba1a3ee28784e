import type { PublishTopic } from './publish-topic.ts';
import { compileTopicFilter, type TopicMatcher } from './topic-filter.ts';

/** What the router needs to know of a rule. */
export interface RoutedRule {
  readonly name: string;
  readonly sql: { readonly topicFilter: string };
}

/** Finds the rules that a message is for. Made once, of all rules that are not disabled. */
export class RuleRouter<Rule extends RoutedRule> {
  readonly #byName: ReadonlyMap<string, readonly Rule[]>;
  readonly #byFilter: readonly { readonly matches: TopicMatcher; readonly rule: Rule }[];

  /** Names must be unique, as they are in an account. */
  constructor(rules: readonly Rule[]) {
    this.#byName = new Map(rules.map((rule) => [rule.name, [rule]]));
    this.#byFilter = rules.map((rule) => ({ matches: compileTopicFilter(rule.sql.topicFilter), rule }));
  }

  /**
   * The rules to run, each with `topic` as its topic. By Basic Ingest it is exactly the rule named, whatever its FROM: the
   * clause is what subscribes a rule to the broker's topics, and is optional for rules that are only reached by Basic Ingest
   * (AWS IoT Core developer guide, "Basic Ingest" and "FROM clause"). Empty for a rule that is not there, which IoT Core
   * counts as `RuleNotFound` and acknowledges all the same.
   */
  rulesFor({ ruleName, topic }: PublishTopic): readonly Rule[] {
    if (ruleName !== undefined) return this.#byName.get(ruleName) ?? [];
    return this.#byFilter.filter(({ matches }) => matches(topic)).map(({ rule }) => rule);
  }
}
