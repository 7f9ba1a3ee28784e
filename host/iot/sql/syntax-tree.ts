/** Operators that compare two values. */
export type Comparison = '=' | '<>' | '<' | '>' | '<=' | '>=';

/** An expression of the SQL subset. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** Keys from the payload's top, at least one. */
  | { readonly kind: 'path'; readonly keys: readonly string[] }
  | { readonly kind: 'payload-base64' }
  | { readonly kind: 'topic' | 'clientid' | 'principal' | 'timestamp' }
  /** `topic(level)`; the first level is 1. */
  | { readonly kind: 'topic-level'; readonly level: number }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression };

/** What a SELECT puts into the output: all of the payload, or one value under a name. */
export type Column =
  | { readonly kind: 'all' }
  | { readonly kind: 'named'; readonly name: string; readonly value: Expression };

/** A statement: `SELECT <columns> FROM '<topic filter>' [WHERE <condition>]`. */
export interface Statement {
  readonly columns: readonly Column[];
  readonly topicFilter: string;
  readonly where?: Expression;
}
