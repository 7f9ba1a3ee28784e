import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '#shared/errors/errors.ts';
import { parseDocument } from './parse-document.ts';

/** `field: rule` of the refusal; anything else that is thrown fails the test. */
function refusalOf(input: unknown): string {
  try {
    parseDocument(input);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a hostile document', () => {
  test('is refused when it is too long', () => {
    expect(refusalOf('#'.repeat(65_537))).toBe('document: must be at most 65536 bytes long');
    expect(refusalOf('ä'.repeat(40_000))).toBe('document: must be at most 65536 bytes long');
  });

  test('is refused when it is nested without end', () => {
    expect(refusalOf('['.repeat(60_000))).toMatch(/^document: line 1: nesting exceeded/);
    expect(refusalOf('{x: [[[[[[[1]]]]]]]}')).not.toContain('deep');
    expect(refusalOf('{x: [[[[[[[[1]]]]]]]]}')).toBe('document: must be nested at most 8 deep');
    const nested = Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], 1);
    expect(refusalOf({ stages: nested })).toBe('document: must be nested at most 8 deep');
  });

  test('is refused when aliases multiply it', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n <= 20; n += 1) lines.push(`a${n}: &a${n} [${`*a${n - 1},`.repeat(10)}]`);
    expect(refusalOf(lines.join('\n'))).toMatch(/^document: must (not use YAML aliases|be nested)/);
    expect(refusalOf('stages: [&one {name: a, percent: 5}, *one]')).toBe(
      'document: must not use YAML aliases',
    );
  });

  test('is refused when it refers to itself', () => {
    expect(refusalOf('stages: &s [*s]')).toMatch(/^document: /);
    const circle: Record<string, unknown> = {};
    circle.stages = circle;
    expect(refusalOf(circle)).toBe('document: must not use YAML aliases');
  });

  test('is refused when it holds too many values', () => {
    expect(refusalOf(`stages: [${'1,'.repeat(3000)}]`)).toBe('document: must hold at most 2000 values');
  });

  test('is refused with the line where it is no YAML', () => {
    expect(refusalOf('release: cam/2.1.0\nselector: ]\nstages: []')).toMatch(/^document: line 2: /);
    expect(refusalOf('release: cam/2.1.0\nrelease: cam/2.1.1')).toBe(
      'document: line 2: duplicated mapping key',
    );
    expect(refusalOf('release: !!js/function "() => 1"')).toMatch(/^document: line 1: /);
    expect(refusalOf('---\na: 1\n---\nb: 1')).toMatch(/^document: /);
  });

  test.each(['__proto__', 'constructor', '<<', 'toString'])('gets nowhere with the field %s', (field) => {
    expect(
      refusalOf(
        `{"release": "cam/1.0.0", "selector": "all", "stages": [{"name": "a", "count": 1}], "${field}": {"x": 1}}`,
      ),
    ).toBe(`${field}: is not a known field`);
  });

  test.each<[unknown]>([[''], ['null'], ['42'], ['[]'], [null], [undefined], [7], [[]], [() => 1]])(
    'is refused when it is %p and no document',
    (input) => {
      expect(refusalOf(input)).toMatch(/^document: expected object/);
    },
  );

  test('is only ever refused, whatever text or values it is', () => {
    const key = fc.constantFrom(
      'release',
      'selector',
      'stages',
      'halt',
      'pace',
      'window',
      'start',
      'name',
      'x',
    );
    const values = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.anything({ maxDepth: 1 }),
        fc.constantFrom('cam/1.0.0', 'all', '5%', '1h'),
        fc.dictionary(key, tie('any'), { maxKeys: 6 }),
        fc.array(tie('any'), { maxLength: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200, unit: 'binary' }), values), (input) => {
        expect(typeof refusalOf(input)).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });
});
