import { ConfigurationError } from '#shared/errors/errors.ts';

/** Whether one of a field's values (none: the field is absent) is what the matcher asks for. */
export type MatchesLeaves = (leaves: readonly unknown[]) => boolean;

type Scalar = string | number | boolean | null;

const OPERATORS: Readonly<Record<string, (operand: unknown, path: string) => MatchesLeaves>> = {
  prefix: (operand, path) => {
    if (typeof operand !== 'string') throw invalid(path, 'prefix must be a text');
    return (leaves) => leaves.some((leaf) => typeof leaf === 'string' && leaf.startsWith(operand));
  },
  exists: (operand, path) => {
    if (typeof operand !== 'boolean') throw invalid(path, 'exists must be true or false');
    return (leaves) => leaves.length > 0 === operand;
  },
  'anything-but': (operand, path) => {
    const excluded = new Set<unknown>(Array.isArray(operand) ? operand : [operand]);
    if (excluded.size === 0) throw invalid(path, 'anything-but must name at least one value');
    if (![...excluded].every((value) => typeof value === 'string' || typeof value === 'number')) {
      throw invalid(path, 'anything-but is supported for texts and numbers only');
    }
    return (leaves) => leaves.some((leaf) => !excluded.has(leaf));
  },
  numeric: (operand, path) => {
    const holds = compileNumeric(operand, path);
    return (leaves) => leaves.some((leaf) => typeof leaf === 'number' && holds(leaf));
  },
};

/** Compiles one element of a pattern's list. Throws `ConfigurationError` for an operator that is not supported. */
export function compileMatcher(matcher: unknown, path: string): MatchesLeaves {
  if (isScalar(matcher)) return (leaves) => leaves.includes(matcher);
  const entries = typeof matcher === 'object' && matcher !== null ? Object.entries(matcher) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || Array.isArray(matcher)) {
    throw invalid(path, 'must list values, or objects with one operator each');
  }
  const [name, operand] = entry;
  const compile = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (compile === undefined) throw invalid(path, `"${name}" is an operator that is not supported`);
  return compile(operand, path);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 5]`, `[">", 0]` or a range, lower bound first: `[">", 0, "<=", 5]`. */
function compileNumeric(operand: unknown, path: string): (value: number) => boolean {
  if (!Array.isArray(operand)) throw invalid(path, 'numeric must be a list of comparisons');
  const [sign, bound, ...rest] = operand;
  const first = compileComparison(sign, bound, path);
  if (rest.length === 0) return first;
  const [upperSign, upperBound] = rest;
  const isRange = rest.length === 2 && String(sign).startsWith('>') && String(upperSign).startsWith('<');
  if (!isRange) throw invalid(path, 'numeric must be one comparison, or a lower and then an upper bound');
  const second = compileComparison(upperSign, upperBound, path);
  return (value) => first(value) && second(value);
}

function compileComparison(sign: unknown, bound: unknown, path: string): (value: number) => boolean {
  const compare =
    typeof sign === 'string' && Object.hasOwn(COMPARISONS, sign) ? COMPARISONS[sign] : undefined;
  if (compare === undefined || typeof bound !== 'number') {
    throw invalid(path, 'numeric compares by = < <= > >= with a number');
  }
  return (value) => compare(value, bound);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function invalid(path: string, problem: string): ConfigurationError {
  return new ConfigurationError(`event pattern: ${path}: ${problem}`);
}
