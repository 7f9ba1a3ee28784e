import { ConfigurationError } from '#shared/errors/errors.ts';
import { compileMatcher, type MatchesLeaves } from './leaf-matcher.ts';

/** Whether an event is one that a pattern asks for. */
export type Matches = (event: unknown) => boolean;

/** Deeper than any event of ours; a pattern is configuration, an event may be anything. */
const DEPTH_LIMIT = 32;

/**
 * Compiles an EventBridge event pattern (also used by filters of event source mappings): objects name fields, lists name
 * what one field may be. Supported are exact values, `prefix`, `anything-but`, `exists` and `numeric`; throws
 * `ConfigurationError` that names the place and the operator for anything else, so that no rule silently means less.
 */
export function compilePattern(pattern: unknown): Matches {
  return compileObject(pattern, [], 0);
}

function compileObject(pattern: unknown, path: readonly string[], depth: number): Matches {
  if (!isObject(pattern)) throw invalid(path, 'must be an object or a list');
  if (depth > DEPTH_LIMIT) throw invalid(path, 'is nested too deep');
  const fields = Object.entries(pattern).map(([name, value]) =>
    compileField(name, value, [...path, name], depth),
  );
  if (fields.length === 0) throw invalid(path, 'must not be empty');
  return (event) => isObject(event) && fields.every((matches) => matches(event));
}

function compileField(
  name: string,
  pattern: unknown,
  path: readonly string[],
  depth: number,
): (event: Readonly<Record<string, unknown>>) => boolean {
  if (name.startsWith('$')) throw invalid(path, 'is an operator that is not supported');
  if (Array.isArray(pattern)) {
    if (pattern.length === 0) throw invalid(path, 'must name at least one value');
    const matchers = pattern.map((one) => compileMatcher(one, path.join('.')));
    return (event) => anyMatches(matchers, leavesOf(fieldOf(event, name)));
  }
  const nested = compileObject(pattern, path, depth + 1);
  // As in EventBridge one element of a list must have all the fields; an absent field may still match `exists: false`.
  return (event) => {
    const value = fieldOf(event, name);
    return Array.isArray(value) ? value.some(nested) : nested(isObject(value) ? value : {});
  };
}

function anyMatches(matchers: readonly MatchesLeaves[], leaves: readonly unknown[]): boolean {
  return matchers.some((matches) => matches(leaves));
}

function fieldOf(event: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(event, name) ? event[name] : undefined;
}

/** The values that a list of matchers sees: the field's own, or those in its list. An object is no value. */
function leavesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flat(DEPTH_LIMIT).filter((element) => !isObject(element));
  return value === undefined || isObject(value) ? [] : [value];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: readonly string[], problem: string): ConfigurationError {
  return new ConfigurationError(`event pattern: ${path.join('.') || 'the pattern'} ${problem}`);
}
