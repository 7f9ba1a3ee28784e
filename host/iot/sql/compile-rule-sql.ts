import { compileExpression, type Evaluate, readsPayload } from './compile-expression.ts';
import { parseStatement } from './parse-statement.ts';
import { readDocument } from './read-document.ts';
import type { RuleMessage } from './rule-message.ts';
import { SqlFaultError } from './sql-errors.ts';
import type { Column } from './syntax-tree.ts';
import { isObject, type JsonValue } from './values.ts';

/** What a rule hands to its actions. */
export type RuleOutput = { readonly [key: string]: JsonValue };

/** A rule's SQL, compiled once and run for every message. */
export interface RuleSql {
  /** Of the FROM clause; not looked at by `run`, because Basic Ingest goes past it. */
  readonly topicFilter: string;
  /**
   * The output for a message, or `undefined` when its WHERE does not hold. Throws `SqlFaultError` for a message that the
   * rule cannot be applied to.
   */
  run(message: RuleMessage): RuleOutput | undefined;
}

type Put = (output: Record<string, JsonValue>, message: RuleMessage, document: JsonValue) => void;

/**
 * Compiles a rule's SQL (AWS IoT SQL reference, version 2016-03-23): `SELECT <expression> [AS <name>], ... | * FROM
 * '<topic filter>' [WHERE <condition>]`, with `encode(*, 'base64')`, `topic()`, `topic(n)`, `clientid()`, `principal()` and
 * `timestamp()`. Throws `UnsupportedSqlError` for anything else. Undefined values are left out of the output.
 */
export function compileRuleSql(sql: string): RuleSql {
  const { columns, topicFilter, where } = parseStatement(sql);
  const puts = columns.map(compileColumn);
  const holds: Evaluate | undefined = where && compileExpression(where);
  const needsDocument =
    (where !== undefined && readsPayload(where)) ||
    columns.some((column) => column.kind === 'all' || readsPayload(column.value));
  return {
    topicFilter,
    run: (message) => {
      const document = needsDocument ? readDocument(message.payload) : null;
      if (holds !== undefined && holds(message, document) !== true) return undefined;
      const output: Record<string, JsonValue> = {};
      for (const put of puts) put(output, message, document);
      return output;
    },
  };
}

function compileColumn(column: Column): Put {
  if (column.kind === 'all') return putAll;
  const { name } = column;
  const evaluate = compileExpression(column.value);
  return (output, message, document) => {
    const value = evaluate(message, document);
    if (value !== undefined) output[name] = value;
  };
}

/** All attributes of the payload, which must be an object. */
function putAll(output: Record<string, JsonValue>, _message: RuleMessage, document: JsonValue): void {
  if (!isObject(document)) throw new SqlFaultError('the payload is not an object');
  for (const [key, value] of Object.entries(document)) {
    // Assigning to __proto__ would not add an attribute but change what the output is.
    if (key !== '__proto__') output[key] = value;
  }
}
