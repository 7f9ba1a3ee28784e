import type { Field, Literal, Selector } from './syntax-tree.ts';

/** How tightly a kind binds; a part is put in brackets where it binds no tighter than what it stands in. */
const BINDING: Readonly<Record<Selector['kind'], number>> = {
  or: 1,
  and: 2,
  not: 3,
  all: 4,
  tag: 4,
  compare: 4,
  in: 4,
  'version-unknown': 4,
};

/** The selector as text in its one normal form: `parseSelector` of it gives the same tree again. */
export function printSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'all':
      return 'all';
    case 'tag':
      return `tag(${quoted(selector.tag)})`;
    case 'version-unknown':
      return 'version unknown';
    case 'compare':
      return `${fieldText(selector.field)} ${selector.operator} ${literalText(selector.value)}`;
    case 'in':
      return `${fieldText(selector.field)} in (${selector.values.map(literalText).join(', ')})`;
    case 'not': {
      const inner = printSelector(selector.of);
      return BINDING[selector.of.kind] < BINDING.not ? `not (${inner})` : `not ${inner}`;
    }
    default:
      return selector.parts.map((part) => partText(part, BINDING[selector.kind])).join(` ${selector.kind} `);
  }
}

function partText(part: Selector, around: number): string {
  const text = printSelector(part);
  return BINDING[part.kind] <= around ? `(${text})` : text;
}

function fieldText(field: Field): string {
  return field.kind === 'attribute' ? `attribute(${quoted(field.name)})` : field.kind;
}

function literalText(value: Literal): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
