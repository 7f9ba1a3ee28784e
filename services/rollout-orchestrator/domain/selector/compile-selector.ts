import { compareVersions } from '#shared/contracts/version.ts';
import type { Field, Literal, Operator, Selector, SelectorSubject } from './syntax-tree.ts';

/** Whether a device is a member. Never throws, whatever the device says of itself. */
export type SelectorPredicate = (subject: SelectorSubject) => boolean;

/**
 * The selector as a function, made once per rollout and asked for every device.
 *
 * Absent attributes, and versions that do not parse, match no comparison, `!=` included; `not attribute("x") = 1` matches a
 * device without `x`. Values of different types are unequal and have no order. Texts are ordered by code unit.
 */
export function compileSelector(selector: Selector): SelectorPredicate {
  switch (selector.kind) {
    case 'all':
      return () => true;
    case 'tag':
      return (subject) => subject.tags.includes(selector.tag);
    case 'version-unknown':
      return (subject) => !isKnown(subject.version);
    case 'in':
      return compileIn(selector.field, selector.values);
    case 'compare':
      return selector.field.kind === 'version'
        ? compileVersion(selector.operator, String(selector.value))
        : compileValue(selector.field, selector.operator, selector.value);
    case 'not': {
      const inner = compileSelector(selector.of);
      return (subject) => !inner(subject);
    }
    case 'and': {
      const parts = selector.parts.map(compileSelector);
      return (subject) => parts.every((part) => part(subject));
    }
    default: {
      const parts = selector.parts.map(compileSelector);
      return (subject) => parts.some((part) => part(subject));
    }
  }
}

function compileIn(field: Field, values: readonly Literal[]): SelectorPredicate {
  const wanted = new Set(values);
  return (subject) => {
    const value = fieldOf(field, subject);
    return value !== undefined && wanted.has(value);
  };
}

function compileValue(field: Field, operator: Operator, wanted: Literal): SelectorPredicate {
  if (operator === '=') return (subject) => fieldOf(field, subject) === wanted;
  if (operator === '!=') {
    return (subject) => {
      const value = fieldOf(field, subject);
      return value !== undefined && value !== wanted;
    };
  }
  const holds = ORDERED[operator];
  return (subject) => {
    const value = fieldOf(field, subject);
    if (typeof value !== typeof wanted || value === undefined) return false;
    return holds(value < wanted ? -1 : value > wanted ? 1 : 0);
  };
}

function compileVersion(operator: Operator, wanted: string): SelectorPredicate {
  if (operator === '=') return ({ version }) => version === wanted;
  if (operator === '!=') return ({ version }) => isKnown(version) && version !== wanted;
  const holds = ORDERED[operator];
  return ({ version }) => {
    const order = version === undefined ? undefined : compareVersions(version, wanted);
    return order !== undefined && holds(order);
  };
}

/** What each operator of order makes of "less" (negative), "equal" (0) and "more" (positive). */
const ORDERED: Readonly<Record<Exclude<Operator, '=' | '!='>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function fieldOf(field: Field, subject: SelectorSubject): Literal | undefined {
  switch (field.kind) {
    case 'attribute':
      return Object.hasOwn(subject.attributes, field.name) ? subject.attributes[field.name] : undefined;
    case 'device':
      return subject.deviceId;
    default:
      return subject[field.kind];
  }
}

const isKnown = (version: string | undefined): boolean =>
  version !== undefined && compareVersions(version, version) !== undefined;
