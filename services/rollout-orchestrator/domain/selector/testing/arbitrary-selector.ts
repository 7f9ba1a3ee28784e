import fc from 'fast-check';
import type { Field, Literal, Operator, Selector, SelectorSubject } from '../syntax-tree.ts';

const hardware = fc.constantFrom('cam-rev-a', 'cam-rev-b', 'cam.rev_c');
const deviceId = fc.constantFrom('cam-1', 'cam-2', 'A_b');
const attributeName = fc.constantFrom('region', 'battery', 'line_power', 'constructor', 'to_string');
const text = fc.oneof(
  fc.constantFrom('eu', 'us', 'a "quoted" \\ text', "it's"),
  fc.string({
    maxLength: 20,
    unit: fc.integer({ min: 32, max: 0xd7ff }).map((code) => String.fromCharCode(code)),
  }),
);
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -99, max: 99 }).map((n) => n / 10),
);
const knownVersion = fc.constantFrom('1.9.0', '2.0.0', '2.0.0-rc.1', '2.1.0', '10.0.0');
const version = fc.oneof(knownVersion, fc.constantFrom('factory', '2.1', ''));
const literal: fc.Arbitrary<Literal> = fc.oneof(text, number, fc.boolean());
const equality = fc.constantFrom<Operator>('=', '!=');
const order = fc.constantFrom<Operator>('<', '<=', '>', '>=');

const compare = (
  field: fc.Arbitrary<Field>,
  operator: fc.Arbitrary<Operator>,
  value: fc.Arbitrary<Literal>,
) => fc.record({ kind: fc.constant('compare' as const), field, operator, value });
const within = (field: fc.Arbitrary<Field>, value: fc.Arbitrary<Literal>) =>
  fc.record({
    kind: fc.constant('in' as const),
    field,
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
  });
const named = (kind: 'hardware' | 'product' | 'device' | 'version') => fc.constant<Field>({ kind });
const attribute = attributeName.map<Field>((name) => ({ kind: 'attribute', name }));
const someVersion = version.filter((one) => one !== '');

const leaf: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant<Selector>({ kind: 'all' }),
  fc.constant<Selector>({ kind: 'version-unknown' }),
  fc.constantFrom('lab', 'internal', 'a.b-c_d').map<Selector>((tag) => ({ kind: 'tag', tag })),
  compare(named('hardware'), equality, hardware),
  compare(named('product'), equality, fc.constantFrom('cam', 'lock')),
  compare(named('device'), equality, deviceId),
  compare(named('version'), equality, someVersion),
  compare(named('version'), order, knownVersion),
  compare(attribute, equality, literal),
  compare(attribute, order, fc.oneof(text, number)),
  within(named('hardware'), hardware),
  within(named('device'), deviceId),
  within(named('version'), someVersion),
  within(attribute, literal),
);

/** Any selector that the language can say, nested up to a few levels. */
export const arbitrarySelector: fc.Arbitrary<Selector> = fc.letrec<{ any: Selector }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('any').map<Selector>((of) => ({ kind: 'not', of })),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('any'), { minLength: 2, maxLength: 4 }),
    }),
  ),
})).any;

/** Any device, often one that the selectors above speak of, with hostile attribute names among the plain ones. */
export const arbitrarySubject: fc.Arbitrary<SelectorSubject> = fc
  .record({
    deviceId,
    product: fc.constantFrom('cam', 'lock'),
    hardware,
    version: fc.option(version, { nil: undefined }),
    tags: fc.subarray(['lab', 'internal', 'a.b-c_d', 'other']),
    attributes: fc.dictionary(fc.oneof(attributeName, fc.constant('__proto__')), literal, { maxKeys: 4 }),
  })
  .map(({ version: running, ...rest }) => (running === undefined ? rest : { ...rest, version: running }));
