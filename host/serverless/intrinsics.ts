import { isRecord, type Json } from './json.ts';

/** What intrinsic functions of a stack may refer to; `undefined`: there is no such thing. */
export interface StackScope {
  /** What `!Ref` of a resource or pseudo parameter gives. */
  ref(logicalId: string): string | undefined;
  /** What `!GetAtt` gives. */
  attribute(logicalId: string, attribute: string): string | undefined;
  /** What another stack exports under that name. */
  imported(exportName: string): string | undefined;
  /** The expression of a condition, unresolved. */
  condition(name: string): unknown;
}

/** Refuses what stands at this place of the template. */
export type Refuse = (rule: string) => never;

type Intrinsic = (
  argument: unknown,
  resolve: (value: unknown) => Json | undefined,
  to: Reach,
) => Json | undefined;
interface Reach {
  readonly scope: StackScope;
  readonly refuse: Refuse;
}

/**
 * The value with its CloudFormation intrinsic functions resolved; `undefined` for `AWS::NoValue`, which also vanishes from
 * lists and objects. What cannot be resolved is refused, and so is a `${...}` outside `!Sub`, which AWS would take literally.
 */
export function resolveIntrinsics(value: unknown, scope: StackScope, refuse: Refuse): Json | undefined {
  const reach = { scope, refuse };
  const resolve = (inner: unknown): Json | undefined => {
    if (typeof inner === 'string') return inner.includes('${') ? refuse(`has ${inner} outside !Sub`) : inner;
    if (Array.isArray(inner)) return inner.map(resolve).filter((item) => item !== undefined);
    if (inner === null || typeof inner === 'boolean' || typeof inner === 'number') return inner;
    if (!isRecord(inner)) return refuse('has a value that is neither text, number, list nor object');
    const [name, ...others] = Object.keys(inner);
    if (name !== undefined && others.length === 0 && isIntrinsicName(name)) {
      const intrinsic = INTRINSICS[name] ?? refuse(`uses ${name}, which is not supported`);
      return intrinsic(inner[name], resolve, reach);
    }
    const entries = Object.entries(inner).map(([key, item]) => [key, resolve(item)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  };
  return resolve(value);
}

/** `Condition` alone is no intrinsic here: it is also a key of IAM statements. */
const isIntrinsicName = (name: string): boolean => name === 'Ref' || name.startsWith('Fn::');

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, _resolve, { scope, refuse }) => {
    if (argument === 'AWS::NoValue') return undefined;
    return scope.ref(String(argument)) ?? refuse(`refers to ${String(argument)}, which is not there`);
  },
  'Fn::GetAtt': (argument, _resolve, reach) => {
    const [logicalId, attribute] = Array.isArray(argument) ? argument.map(String) : [];
    return attributeOf(logicalId ?? '', attribute ?? '', reach);
  },
  'Fn::Sub': (argument, resolve, reach) => {
    const [text, given] = Array.isArray(argument) ? argument : [argument];
    if (typeof text !== 'string') return reach.refuse('has a !Sub that is no text');
    const own = isRecord(given) ? given : {};
    return text.replace(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      if (Object.hasOwn(own, name)) return String(scalar(resolve(own[name]), reach));
      const dot = name.indexOf('.');
      if (dot >= 0) return attributeOf(name.slice(0, dot), name.slice(dot + 1), reach);
      return reach.scope.ref(name) ?? reach.refuse(`refers to ${name}, which is not there`);
    });
  },
  'Fn::ImportValue': (argument, resolve, reach) => {
    const name = String(scalar(resolve(argument), reach));
    return reach.scope.imported(name) ?? reach.refuse(`imports ${name}, which no stack exports`);
  },
  'Fn::Join': (argument, resolve, reach) => {
    const [separator, items] = listOf(resolve(argument), reach);
    return listOf(items, reach)
      .map((item) => scalar(item, reach))
      .join(String(separator));
  },
  'Fn::Split': (argument, resolve, reach) => {
    const [separator, text] = listOf(resolve(argument), reach);
    return String(scalar(text, reach)).split(String(separator));
  },
  'Fn::Select': (argument, resolve, reach) => {
    const [index, items] = listOf(resolve(argument), reach);
    return (
      listOf(items, reach)[Number(index)] ?? reach.refuse(`selects item ${String(index)}, which is not there`)
    );
  },
  'Fn::If': (argument, resolve, reach) => {
    const [name, whenTrue, whenFalse] = Array.isArray(argument) ? argument : [];
    return resolve(isTrue({ Condition: name }, resolve, reach) ? whenTrue : whenFalse);
  },
};

/** Whether a condition of the template holds: its name, or an expression of `Fn::Equals`, `Fn::And`, `Fn::Or` and `Fn::Not`. */
export function conditionHolds(name: string, scope: StackScope, refuse: Refuse): boolean {
  return isTrue({ Condition: name }, (value) => resolveIntrinsics(value, scope, refuse), { scope, refuse });
}

function isTrue(
  expression: unknown,
  resolve: (value: unknown) => Json | undefined,
  reach: Reach,
  depth = 0,
): boolean {
  if (depth > 20) return reach.refuse('has conditions that refer to each other in a circle');
  const [[name, argument] = []] = isRecord(expression) ? Object.entries(expression) : [];
  const parts = Array.isArray(argument) ? argument : [];
  const holds = (part: unknown): boolean => isTrue(part, resolve, reach, depth + 1);
  switch (name) {
    case 'Condition': {
      const named = reach.scope.condition(String(argument));
      return named === undefined ? reach.refuse(`has no condition ${String(argument)}`) : holds(named);
    }
    case 'Fn::Equals':
      return resolve(parts[0]) === resolve(parts[1]);
    case 'Fn::Not':
      return !holds(parts[0]);
    case 'Fn::And':
      return parts.every(holds);
    case 'Fn::Or':
      return parts.some(holds);
    default:
      return reach.refuse(`has a condition with ${String(name)}, which is not supported`);
  }
}

function attributeOf(logicalId: string, attribute: string, { scope, refuse }: Reach): string {
  return (
    scope.attribute(logicalId, attribute) ?? refuse(`refers to ${logicalId}.${attribute}, which is not there`)
  );
}

function listOf(value: Json | undefined, { refuse }: Reach): readonly Json[] {
  return Array.isArray(value) ? value : refuse('has an intrinsic function without the list that it needs');
}

function scalar(value: Json | undefined, { refuse }: Reach): string | number | boolean {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? value : refuse('has an intrinsic function without the text that it needs');
}
