import type { RuleMessage } from './rule-message.ts';
import type { Expression } from './syntax-tree.ts';
import { compareValues, isObject, type JsonValue, truthOf } from './values.ts';

/** An expression as a function of a message and, where it has a path, of its payload read as JSON. */
export type Evaluate = (message: RuleMessage, document: JsonValue) => JsonValue | undefined;

/** Compiles an expression; `undefined` is what the SQL reference calls Undefined. */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'path':
      return compilePath(expression.keys);
    case 'payload-base64':
      return ({ payload }) =>
        Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64');
    case 'topic':
      return ({ topic }) => topic;
    case 'topic-level':
      return ({ topic }) => levelOf(topic, expression.level);
    case 'clientid':
      return ({ clientId }) => clientId;
    case 'principal':
      return ({ principal }) => principal;
    case 'timestamp':
      return ({ timestampMs }) => timestampMs;
    case 'compare': {
      const [left, right] = [compileExpression(expression.left), compileExpression(expression.right)];
      const { operator } = expression;
      return (message, document) =>
        compareValues(operator, left(message, document), right(message, document));
    }
    case 'not': {
      const inner = compileExpression(expression.of);
      return (message, document) => {
        const truth = truthOf(inner(message, document));
        return truth === undefined ? undefined : !truth;
      };
    }
    default:
      return compileLogical(expression);
  }
}

/** Both operands must be truth values, or else the result is Undefined, whatever the other operand is. */
function compileLogical({ kind, left, right }: Extract<Expression, { kind: 'and' | 'or' }>): Evaluate {
  const [first, second] = [compileExpression(left), compileExpression(right)];
  return (message, document) => {
    const [a, b] = [truthOf(first(message, document)), truthOf(second(message, document))];
    if (a === undefined || b === undefined) return undefined;
    return kind === 'and' ? a && b : a || b;
  };
}

function compilePath(keys: readonly string[]): Evaluate {
  return (_message, document) => {
    let value: JsonValue | undefined = document;
    for (const key of keys) {
      if (value === undefined || !isObject(value)) return undefined;
      value = Object.hasOwn(value, key) ? value[key] : undefined;
    }
    return value;
  };
}

/** The level of a topic, from 1; Undefined when it has fewer. */
function levelOf(topic: string, level: number): string | undefined {
  let start = 0;
  for (let passed = 1; passed < level; passed++) {
    const slash = topic.indexOf('/', start);
    if (slash < 0) return undefined;
    start = slash + 1;
  }
  const end = topic.indexOf('/', start);
  return end < 0 ? topic.slice(start) : topic.slice(start, end);
}

/** Whether an expression needs the payload to be JSON. */
export function readsPayload(expression: Expression): boolean {
  switch (expression.kind) {
    case 'path':
      return true;
    case 'not':
      return readsPayload(expression.of);
    case 'compare':
    case 'and':
    case 'or':
      return readsPayload(expression.left) || readsPayload(expression.right);
    default:
      return false;
  }
}
