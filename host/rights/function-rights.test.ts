import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { FunctionRights } from './function-rights.ts';
import type { PolicyStatement } from './policy-statement.ts';

const TABLE = 'arn:aws:dynamodb:local:000000000000:table/rollouts';
const allow = (actions: string[], resources: string[]): PolicyStatement => ({
  effect: 'Allow',
  actions,
  resources,
});
const deny = (actions: string[], resources: string[]): PolicyStatement => ({
  effect: 'Deny',
  actions,
  resources,
});

describe('the rights of a function', () => {
  test('are those that a statement allows, and no others', () => {
    const rights = new FunctionRights([allow(['dynamodb:GetItem'], [TABLE])]);
    expect(rights.allows('dynamodb:GetItem', TABLE)).toBe(true);
    expect(rights.allows('dynamodb:PutItem', TABLE)).toBe(false);
    expect(rights.allows('dynamodb:GetItem', `${TABLE}/index/silence`)).toBe(false);
    expect(rights.allows('dynamodb:GetItem', TABLE.toUpperCase())).toBe(false);
    expect(new FunctionRights([]).allows('dynamodb:GetItem', TABLE)).toBe(false);
  });

  test('take wildcards in actions and resources, and actions in any case', () => {
    const rights = new FunctionRights([
      allow(['DynamoDB:get*', 's3:?utObject'], ['arn:aws:dynamodb:*:table/roll*', 'arn:aws:s3:::b/raw/*']),
    ]);
    expect(rights.allows('dynamodb:GetItem', TABLE)).toBe(true);
    expect(rights.allows('s3:PutObject', 'arn:aws:s3:::b/raw/2026/11/21')).toBe(true);
    expect(rights.allows('s3:PutObject', 'arn:aws:s3:::b/other')).toBe(false);
    expect(rights.allows('s3:GetObject', 'arn:aws:s3:::b/raw/x')).toBe(false);
  });

  test('end where a statement denies, wherever it stands', () => {
    const rights = new FunctionRights([
      deny(['dynamodb:DeleteItem'], ['*']),
      allow(['dynamodb:*'], [TABLE]),
      deny(['*'], ['arn:aws:sqs:*']),
      allow(['sqs:SendMessage'], ['*']),
    ]);
    expect(rights.allows('dynamodb:GetItem', TABLE)).toBe(true);
    expect(rights.allows('dynamodb:DeleteItem', TABLE)).toBe(false);
    expect(rights.allows('sqs:SendMessage', 'arn:aws:sqs:local:000000000000:q')).toBe(false);
  });

  test('say which statement granted', () => {
    const rights = new FunctionRights([
      allow(['sqs:SendMessage'], ['*']),
      allow(['dynamodb:*'], ['other', TABLE]),
    ]);
    expect(rights.grants('dynamodb:GetItem', TABLE)).toMatchObject({
      statement: 1,
      action: 'dynamodb:*',
      resource: TABLE,
    });
  });

  test('that nobody used can be told, one action on one resource each', () => {
    const rights = new FunctionRights([
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [TABLE]),
      allow(['sqs:SendMessage'], ['a', 'b']),
      deny(['s3:*'], ['*']),
    ]);
    rights.grants('dynamodb:GetItem', TABLE);
    rights.grants('sqs:SendMessage', 'b');
    rights.grants('sqs:SendMessage', 'c');
    expect(rights.unused()).toEqual([
      { statement: 0, action: 'dynamodb:PutItem', resource: TABLE },
      { statement: 1, action: 'sqs:SendMessage', resource: 'a' },
    ]);
  });

  test('with a policy variable are refused', () => {
    expect(() => new FunctionRights([allow(['s3:GetObject'], [`arn:aws:s3:::b/\${aws:userid}`])])).toThrow(
      ConfigurationError,
    );
  });
});
