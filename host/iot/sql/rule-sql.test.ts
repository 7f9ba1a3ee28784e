import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileRuleSql } from './compile-rule-sql.ts';
import type { RuleMessage } from './rule-message.ts';
import { SqlFaultError, UnsupportedSqlError } from './sql-errors.ts';

const CHECK_SQL =
  "SELECT encode(*, 'base64') AS payload, topic(2) AS thing, clientid() AS client, principal() AS certificate, timestamp() AS at FROM 'ek/+/check'";

function message(payload: unknown, more: Partial<RuleMessage> = {}): RuleMessage {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
  return { topic: 'a/b/c', payload: bytes, clientId: 'dev', principal: 'c0ffee', timestampMs: 1234, ...more };
}

const run = (sql: string, payload: unknown, more?: Partial<RuleMessage>) =>
  compileRuleSql(sql).run(message(payload, more));
const holds = (condition: string, payload: unknown = {}): boolean =>
  run(`SELECT 1 AS one FROM 'a' WHERE ${condition}`, payload) !== undefined;

describe('the statement of every device rule', () => {
  test('hands over the payload as base64, and who sent it when', () => {
    const topic = 'ek/acme:d1/check';
    expect(run(CHECK_SQL, Buffer.from('{"v":1}'), { topic, clientId: 'acme:d1' })).toEqual({
      payload: 'eyJ2IjoxfQ==',
      thing: 'acme:d1',
      client: 'acme:d1',
      certificate: 'c0ffee',
      at: 1234,
    });
    expect(compileRuleSql(CHECK_SQL).topicFilter).toBe('ek/+/check');
  });

  test('takes any bytes, JSON or not, also those in the middle of a larger buffer', () => {
    const rule = compileRuleSql(CHECK_SQL);
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(9), (bytes, offset) => {
        const larger = new Uint8Array(offset + bytes.length + 3).fill(7);
        larger.set(bytes, offset);
        const payload = larger.subarray(offset, offset + bytes.length);
        const output = rule.run(message(payload));
        expect(Buffer.from(String(output?.payload), 'base64')).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('SELECT', () => {
  test.each([
    ['*', { a: 1, b: [2] }, { a: 1, b: [2] }],
    ['*, topic() AS from_topic', { a: 1 }, { a: 1, from_topic: 'a/b/c' }],
    ['a', { a: { deep: true }, b: 2 }, { a: { deep: true } }],
    ['a.b.c AS found', { a: { b: { c: null } } }, { found: null }],
    ['a AS x, a AS y', { a: 1 }, { x: 1, y: 1 }],
    ['a, missing, a.b.c AS deeper', { a: 1 }, { a: 1 }],
    ['toString, constructor.name AS name', {}, {}],
    ['topic(1) AS one, topic(3) AS three, topic(4) AS four', {}, { one: 'a', three: 'c' }],
    [
      "-1.5 AS number, 'text' AS txt, true AS yes, null AS nothing",
      {},
      { number: -1.5, txt: 'text', yes: true, nothing: null },
    ],
    ['a > 3 AND NOT b AS alarm', { a: 4, b: false }, { alarm: true }],
  ])('%s of %j is %j', (columns, payload, output) => {
    expect(run(`select ${columns} from 'a/#'`, payload)).toEqual(output);
  });

  test('an attribute called __proto__ changes nothing', () => {
    const output = run("SELECT * FROM 'a'", Buffer.from('{"__proto__":{"admin":true},"a":1}'));
    expect(output).toEqual({ a: 1 });
    expect(output?.admin).toBeUndefined();
  });

  test.each([
    ['text', Buffer.from('not json')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a list', Buffer.from('[1]')],
    ['deep lists', Buffer.from(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)],
  ])('a payload of %s is a fault of the message', (_what, payload) => {
    expect(() => run("SELECT * FROM 'a'", payload)).toThrow(SqlFaultError);
  });

  test('brackets in texts do not make a payload deep', () => {
    expect(run("SELECT a FROM 'a'", { a: `\\"${'['.repeat(100)}` })).toEqual({ a: `\\"${'['.repeat(100)}` });
  });
});

describe('WHERE', () => {
  const payload = { n: 5, s: 'on', num: '10', t: true, yes: 'TRUE', z: null, o: { k: 'v' }, l: [] };

  test.each([
    ['n = 5', true],
    ["n = '5'", false],
    ['n <> 5', false],
    ["n <> '5'", true],
    ['n < 6', true],
    ['n >= 5 and n <= 5', true],
    ['num > n', true],
    ['s > n', false],
    ['t', true],
    ['yes', false],
    ['yes and t', true],
    ['s', false],
    ['not s', false],
    ['NOT t OR n = 5', true],
    ['not (t or n = 5)', false],
    ['not not yes', true],
    ['z = null', true],
    ["o.k = 'v'", true],
    ['missing = 1', false],
    ['missing <> 1', false],
    ['not missing = 1', false],
    ['t or missing', false],
    ['t and n', false],
    ["topic(2) = 'b' AND clientid() = 'dev'", true],
    ['timestamp() > 1233', true],
    ['1 = 1 OR 1 = 2 AND 1 = 2', true],
    ['(1 = 1 OR 1 = 2) AND 1 = 2', false],
  ])('%s', (condition, expected) => {
    expect(holds(condition, payload)).toBe(expected);
  });

  test('without attributes looks at no payload', () => {
    expect(holds("principal() = 'c0ffee'", Buffer.from('not json'))).toBe(true);
  });

  test('lists and objects cannot be compared', () => {
    expect(() => holds('o = l', payload)).toThrow(SqlFaultError);
  });

  test('numbers compare as numbers do', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(holds('a < b', { a, b })).toBe(a < b);
        expect(holds('a >= b', { a, b })).toBe(a >= b);
        expect(holds('a = b', { a, b })).toBe(a === b);
        expect(holds(`${a} <> ${b}`)).toBe(a !== b);
      }),
    );
  });
});

describe('what is not in the subset is refused with its position and name', () => {
  test.each([
    ['', 1, 'expected SELECT, found the end'],
    ["SET @a = 1 SELECT * FROM 'a'", 5, '@ is not supported'],
    ["SET a SELECT * FROM 'a'", 1, 'expected SELECT, found SET'],
    ["SELECT VALUE a FROM 'a'", 8, 'expected a value, found VALUE'],
    ["SELECT upper(a) AS b FROM 'a'", 8, 'function upper is not supported'],
    ["SELECT aws_lambda(a) AS b FROM 'a'", 8, 'function aws_lambda is not supported'],
    ["SELECT a + 1 AS b FROM 'a'", 10, '+ is not supported'],
    ["SELECT a[0] AS b FROM 'a'", 9, '[ is not supported'],
    ["SELECT encode(a, 'base64') AS b FROM 'a'", 15, 'expected *, found a'],
    ["SELECT encode(*, 'hex') AS b FROM 'a'", 18, "encode supports 'base64' only"],
    ["SELECT topic(0) AS b FROM 'a'", 14, 'expected the number of a level'],
    ["SELECT topic() FROM 'a'", 16, 'expected AS with a name, found FROM'],
    ["SELECT a.b FROM 'a'", 12, 'expected AS with a name'],
    ["SELECT a AS from FROM 'a'", 13, 'expected an alias, found from'],
    ["SELECT a AS __proto__ FROM 'a'", 10, '__proto__'],
    ["SELECT a, b AS a FROM 'a'", 11, 'the name a is there twice'],
    ['SELECT *', 9, 'expected FROM, found the end'],
    ['SELECT * FROM "a"', 15, '" is not supported'],
    ["SELECT * FROM 'a/#/b'", 15, '# only as its last level'],
    ["SELECT * FROM '$aws/rules/a/b'", 15, 'Basic Ingest'],
    ["SELECT * FROM 'a' WHERE", 24, 'expected a value, found the end'],
    ["SELECT * FROM 'a' WHERE a = 1 GROUP", 31, 'expected the end, found GROUP'],
    ["SELECT * FROM 'a' WHERE a LIKE 1", 27, 'expected the end, found LIKE'],
    ["SELECT * FROM 'a' WHERE a < b < c", 31, 'expected the end, found <'],
    ["SELECT * FROM 'a' WHERE CASE a WHEN 1 THEN 2 END", 25, 'found CASE'],
    ["SELECT * FROM 'a' LIMIT", 19, 'expected WHERE or the end, found LIMIT'],
    ["SELECT 'it''s' AS a FROM 'a'", 12, 'expected AS with a name'],
    ["SELECT 'open FROM", 8, 'not closed'],
    [`SELECT * FROM 'a' WHERE ${'('.repeat(50)}1${')'.repeat(50)}`, 58, 'levels deep'],
  ])('%s', (sql, at, rule) => {
    expect(() => compileRuleSql(sql)).toThrow(UnsupportedSqlError);
    expect(() => compileRuleSql(sql)).toThrow(rule);
    expect(() => compileRuleSql(sql)).toThrow(expect.objectContaining({ at }));
  });

  test('no text makes the compiler fail in another way', () => {
    const words = [
      'SELECT',
      '*',
      'FROM',
      "'a'",
      'WHERE',
      'a',
      '.',
      '(',
      ')',
      ',',
      'AS',
      'NOT',
      '=',
      '1',
      'topic',
      'encode',
    ];
    const statement = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words)).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(statement, (sql) => {
        try {
          compileRuleSql(sql);
        } catch (error) {
          expect(error).toBeInstanceOf(UnsupportedSqlError);
        }
      }),
    );
  });
});
