import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions } from '#shared/contracts/version.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { compileSelector } from './compile-selector.ts';
import { parseSelector } from './parse-selector.ts';
import { printSelector } from './print-selector.ts';
import type { Literal, Selector, SelectorSubject } from './syntax-tree.ts';
import { arbitrarySelector, arbitrarySubject } from './testing/arbitrary-selector.ts';

const camera: SelectorSubject = {
  deviceId: 'cam-0001',
  product: 'cam',
  hardware: 'cam-rev-b',
  version: '2.0.0',
  tags: ['internal'],
  attributes: { region: 'eu', battery: 40, mains: true },
};
const matches = (text: string, subject: SelectorSubject = camera): boolean =>
  compileSelector(parseSelector(text))(subject);

/** The meaning of a selector once more, said plainly over the tree: what the compiled form is held to. */
function means(selector: Selector, subject: SelectorSubject): boolean {
  switch (selector.kind) {
    case 'all':
      return true;
    case 'tag':
      return subject.tags.some((tag) => tag === selector.tag);
    case 'version-unknown':
      return subject.version === undefined || compareVersions(subject.version, '1.0.0') === undefined;
    case 'not':
      return !means(selector.of, subject);
    case 'and':
      return selector.parts.filter((part) => !means(part, subject)).length === 0;
    case 'or':
      return selector.parts.filter((part) => means(part, subject)).length > 0;
    case 'in':
      return selector.values.some((value) =>
        means({ kind: 'compare', field: selector.field, operator: '=', value }, subject),
      );
    default: {
      const { field, operator, value } = selector;
      const all = new Map<string, Literal | undefined>(Object.entries(subject.attributes));
      const has =
        field.kind === 'attribute'
          ? all.get(field.name)
          : field.kind === 'device'
            ? subject.deviceId
            : subject[field.kind];
      if (has === undefined) return false;
      if (operator === '=') return has === value;
      const versions = field.kind === 'version';
      if (versions && compareVersions(String(has), '1.0.0') === undefined) return false;
      if (operator === '!=') return has !== value;
      if (typeof has !== typeof value) return false;
      const less = versions ? (compareVersions(String(has), String(value)) ?? 0) < 0 : has < value;
      const equal = versions ? compareVersions(String(has), String(value)) === 0 : has === value;
      if (operator === '<') return less;
      if (operator === '<=') return less || equal;
      if (operator === '>') return !less && !equal;
      return !less;
    }
  }
}

describe('the selector language', () => {
  test.each([
    ['all', true],
    ['hardware in ("cam-rev-b", "cam-rev-c") and not tag("lab")', true],
    ['hardware in ("cam-rev-a")', false],
    ["hardware = 'cam-rev-b'", true],
    ['hardware != "cam-rev-b"', false],
    ['tag("internal")', true],
    ['tag("lab") or tag("internal")', true],
    ['device = "cam-0001"', true],
    ['device in ("cam-0002", "cam-0003")', false],
    ['product = "cam" and version >= "1.9.0"', true],
    ['version < "10.0.0"', true],
    ['version = "2.0.0"', true],
    ['version in ("1.0.0", "2.0.0")', true],
    ['version unknown', false],
    ['attribute("region") = "eu"', true],
    ['attribute("battery") >= 39.5', true],
    ['attribute("battery") <= 40', true],
    ['attribute("battery") < 40', false],
    ['attribute("battery") >= 40', true],
    ['attribute("battery") > 40', false],
    ['attribute("battery") in (40, "40")', true],
    ['attribute("mains") = true', true],
    ['attribute("mains") != false', true],
    ['attribute("region") < "f"', true],
  ])('%s is %p for the camera', (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test('and binds tighter than or, and not tightest', () => {
    expect(matches('all or all and not all')).toBe(true);
    expect(matches('(all or all) and not all')).toBe(false);
    expect(matches('not all or all')).toBe(true);
    expect(matches('not (all or all)')).toBe(false);
  });

  test('a version that does not parse matches no comparison, only equality and version unknown', () => {
    const odd = { ...camera, version: 'factory-7' };
    for (const operator of ['<', '<=', '>', '>=', '!=']) {
      expect(matches(`version ${operator} "0.0.1"`, odd)).toBe(false);
    }
    expect(matches('version = "factory-7"', odd)).toBe(true);
    expect(matches('version unknown', odd)).toBe(true);
  });

  test('a device that never said its version is version unknown', () => {
    const { version, ...silent } = camera;
    expect(version).toBe('2.0.0');
    expect(matches('version unknown', silent)).toBe(true);
    expect(matches('version != "1.0.0"', silent)).toBe(false);
  });

  test('an absent attribute matches no comparison, != included', () => {
    expect(matches('attribute("floor") != 3')).toBe(false);
    expect(matches('not attribute("floor") = 3')).toBe(true);
  });

  test('names of the object prototype are not attributes', () => {
    expect(matches('attribute("constructor") != 1')).toBe(false);
  });

  test('values of different types are unequal and have no order', () => {
    expect(matches('attribute("battery") = "40"')).toBe(false);
    expect(matches('attribute("battery") < "5"')).toBe(false);
    expect(matches('attribute("battery") >= "5"')).toBe(false);
  });
});

describe('a selector that cannot be read', () => {
  const refusal = (text: string): string => {
    try {
      parseSelector(text, 'selector');
    } catch (error) {
      if (error instanceof RefusedError && error.field === 'selector') return error.rule;
      throw error;
    }
    return 'read';
  };

  test.each([
    ['', 'at 1: expected all, tag("..."), hardware, version'],
    ['hardware', 'at 9: expected =, != or in, found the end'],
    ['hardware ("a")', 'at 10: expected =, != or in, found ('],
    ['version = ""', 'at 11: expected a version in quotes'],
    [`version = "${'1'.repeat(64)}" and`, 'at 81: expected all'],
    [`version = "${'1'.repeat(65)}"`, 'at 11: expected a version in quotes'],
    ['hardware < "a"', 'at 10: hardware has no order'],
    ['hardware = cam', 'at 12: expected the name of a hardware in quotes, found cam'],
    ['hardware = "Cam Rev B"', 'at 12: expected the name of a hardware in quotes, found "Cam Rev B"'],
    ['hardware in ()', 'at 14: expected the name of a hardware'],
    ['hardware in ("a" "b")', 'at 18: expected ), found "b"'],
    ['tag(lab)', 'at 5: expected a tag in quotes'],
    ['tag("LAB")', 'at 5: expected a tag in quotes'],
    ['all and', 'at 8: expected all, tag'],
    ['all all', 'at 5: expected and, or, or the end, found all'],
    ['(all', 'at 5: expected ), found the end'],
    ['all)', 'at 4: expected and, or, or the end, found )'],
    ['version > "2.0"', 'at 11: expected a SemVer version'],
    ['version > "v2.0.0"', 'at 11: expected a SemVer version'],
    ['version is unknown', 'at 9: expected =, !=, <'],
    ['attribute("A") = 1', "at 11: expected an attribute's name"],
    ['attribute("a") < true', 'at 18: expected a text or a number, found true'],
    ['hardware = "cam', 'at 12: a text that is not closed'],
    ['hardware = "a\\n"', 'at 12: a text that is not closed, or holds'],
    ['hardware == "a"', 'at 11: expected the name of a hardware'],
    ['all && all', 'at 5: unexpected character "&"'],
    ['version < 2.2.0', 'at 14: unexpected character "."; texts stand in quotes'],
    ['hardware = cam-rev-b', 'at 15: unexpected character "-"; texts stand in quotes'],
    ['ALL', 'at 1: expected all'],
    ['group("eu")', 'at 1: group() is not supported yet'],
    ['all and group("eu")', 'at 9: group() is not supported yet'],
  ])('%s is refused: %s', (text, rule) => {
    expect(refusal(text).slice(0, rule.length)).toBe(rule);
  });

  test('is refused beyond its length', () => {
    expect(refusal(`${'all or '.repeat(285)}all`)).toBe('read');
    expect(refusal(`all${' '.repeat(1998)}`)).toContain('2000 characters');
  });

  test('is refused beyond its depth, by brackets and by not', () => {
    expect(refusal(`${'('.repeat(32)}all${')'.repeat(32)}`)).toBe('read');
    expect(refusal(`${'('.repeat(33)}all${')'.repeat(33)}`)).toContain('nested more than 32 deep');
    expect(refusal(`${'not '.repeat(32)}all`)).toBe('read');
    expect(refusal(`${'not '.repeat(33)}all`)).toContain('nested more than 32 deep');
  });

  test('is refused with a text beyond what an attribute can hold', () => {
    expect(refusal(`attribute("a") = "${'x'.repeat(128)}"`)).toBe('read');
    expect(refusal(`attribute("a") = "${'x'.repeat(129)}"`)).toContain('at 18: a text is at most 128');
  });

  test('is only ever refused, whatever it is', () => {
    const words = fc.constantFrom(
      ...['all', 'and', 'or', 'not', '(', ')', 'tag', 'in', 'version', 'unknown', 'attribute', 'hardware'],
      ...['"x"', "'y'", '=', '!=', '<', '12', '-', '"', ',', 'group', '\\', '\n', 'ä'],
    );
    const text = fc.oneof(
      fc.string({ maxLength: 60, unit: 'binary' }),
      fc.array(words, { maxLength: 30 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(typeof refusal(one)).toBe('string');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('any selector', () => {
  test('is the same after printing and reading', () => {
    fc.assert(
      fc.property(arbitrarySelector, (selector) => {
        const text = printSelector(selector);
        fc.pre(text.length <= 2000);
        expect(parseSelector(text)).toEqual(selector);
        expect(printSelector(parseSelector(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('means compiled what its tree means', () => {
    fc.assert(
      fc.property(
        arbitrarySelector,
        fc.array(arbitrarySubject, { minLength: 1, maxLength: 5 }),
        (selector, all) => {
          const predicate = compileSelector(selector);
          for (const subject of all) expect(predicate(subject)).toBe(means(selector, subject));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
