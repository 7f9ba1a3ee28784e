import { describe, expect, test } from '@jest/globals';
import { resolveIntrinsics, type StackScope } from './intrinsics.ts';

const SCOPE: StackScope = {
  ref: (name) => (name === 'Table' ? 'the-table' : undefined),
  attribute: (name, attribute) => (name === 'Table' ? `the-table's ${attribute}` : undefined),
  imported: (name) => (name === 'bus' ? 'the-bus' : undefined),
  condition: (name) =>
    ({ IsTest: { 'Fn::Equals': ['test', 'test'] }, Itself: { Condition: 'Itself' } })[name],
};

const resolve = (value: unknown) =>
  resolveIntrinsics(value, SCOPE, (rule) => {
    throw new Error(rule);
  });

describe('intrinsic functions', () => {
  test.each([
    [{ Ref: 'Table' }, 'the-table'],
    [{ 'Fn::GetAtt': ['Table', 'Deep.Arn'] }, `the-table's Deep.Arn`],
    [{ 'Fn::Sub': `<\${Table}|\${Table.Arn}|\${!iot:Thing}>` }, `<the-table|the-table's Arn|\${iot:Thing}>`],
    [{ 'Fn::Sub': [`\${Own}/\${Table}`, { Own: { 'Fn::ImportValue': 'bus' } }] }, 'the-bus/the-table'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 3]] }, 'a-the-table-3'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b,c'] }] }, 'b'],
    [{ 'Fn::If': ['IsTest', 'yes', 'no'] }, 'yes'],
    [[{ 'Fn::If': ['IsTest', { Ref: 'AWS::NoValue' }, 'no'] }, 1], [1]],
    [{ kept: true, gone: { Ref: 'AWS::NoValue' } }, { kept: true }],
    [{ Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } } }, expect.objectContaining({})],
  ])('%j gives %j', (value, resolved) => {
    expect(resolve(value)).toEqual(resolved);
  });

  test.each([
    [{ Ref: 'Tabel' }, 'refers to Tabel'],
    [{ 'Fn::GetAtt': ['Tabel', 'Arn'] }, 'refers to Tabel.Arn'],
    [{ 'Fn::Sub': `\${Tabel}` }, 'refers to Tabel'],
    [{ 'Fn::ImportValue': 'car' }, 'imports car'],
    [{ 'Fn::If': ['IsToast', 1, 2] }, 'has no condition IsToast'],
    [{ 'Fn::If': ['Itself', 1, 2] }, 'in a circle'],
    [{ 'Fn::Select': [9, ['a']] }, 'selects item 9'],
    [{ 'Fn::FindInMap': ['a', 'b', 'c'] }, 'uses Fn::FindInMap'],
    [`\${Table.Arn}/index`, 'outside !Sub'],
  ])('%j is refused: it %s', (value, rule) => {
    expect(() => resolve(value)).toThrow(rule);
  });
});
