import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readServices } from '#host/serverless/read-services.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { compilePolicy, type DeviceAction } from './device-policy.ts';

const ACCOUNT = { region: 'local', accountId: '000000000000' };
const ARN = 'arn:aws:iot:local:000000000000';
const THING = `\${iot:Connection.Thing.ThingName}`;

function deviceCalled(name: string, more: Partial<DeviceIdentity> = {}): DeviceIdentity {
  return { clientId: name, thingName: name, attributes: {}, isAttached: true, ...more };
}
const policyOf = (...Statement: object[]) => compilePolicy({ Version: '2012-10-17', Statement }, ACCOUNT);
const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string | string[], Resource: string | string[]) => ({
  Effect: 'Deny',
  Action,
  Resource,
});

describe('the deployed device policy', () => {
  const { platform } = readServices({
    root: path.join(import.meta.dirname, '../../..'),
    stage: 'local',
    only: [],
  });
  const policy = compilePolicy(platform.devicePolicies[0]?.document, platform.place);
  const device = deviceCalled('acme:d1', {
    attributes: { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' },
  });
  const allows = (action: DeviceAction, name: string): boolean => policy.allows(action, name, device);

  test('lets a device connect as itself only, with a certificate attached to its thing', () => {
    expect(allows('iot:Connect', 'acme:d1')).toBe(true);
    expect(allows('iot:Connect', 'acme:d2')).toBe(false);
    expect(policy.allows('iot:Connect', 'acme:d1', { ...device, isAttached: false })).toBe(false);
    expect(policy.allows('iot:Connect', 'acme:d2', { ...device, clientId: 'acme:d2' })).toBe(false);
  });

  test('lets it publish to the rules under its own name only', () => {
    expect(allows('iot:Publish', '$aws/rules/ek_check/ek/acme:d1/check')).toBe(true);
    expect(allows('iot:Publish', '$aws/rules/ek_check/ek/acme:d2/check')).toBe(false);
    expect(allows('iot:Publish', 'ek/acme:d1/offer')).toBe(false);
    expect(allows('iot:RetainPublish', '$aws/rules/ek_check/ek/acme:d1/check')).toBe(false);
  });

  test('lets it hear its own topics and its own hint only', () => {
    expect(allows('iot:Subscribe', 'ek/acme:d1/offer')).toBe(true);
    expect(allows('iot:Subscribe', 'ek/acme:d1/#')).toBe(true);
    expect(allows('iot:Subscribe', 'ek/hint/acme/cam/cam-rev-b')).toBe(true);
    expect(allows('iot:Receive', 'ek/acme:d1/offer')).toBe(true);
    for (const filter of ['#', 'ek/#', 'ek/+/offer', 'ek/acme:d2/offer', 'ek/hint/acme/cam/+', 'ek/hint/#']) {
      expect(allows('iot:Subscribe', filter)).toBe(false);
    }
    expect(allows('iot:Receive', 'ek/hint/acme/cam/cam-rev-c')).toBe(false);
  });

  test('never lets one device hear another, whatever they are called', () => {
    const name = fc.stringMatching(/^[a-z*?+#${}:[\]-]{1,12}$/);
    fc.assert(
      fc.property(name, name, (own, other) => {
        fc.pre(own !== other);
        const identity = deviceCalled(own);
        expect(policy.allows('iot:Receive', `ek/${own}/offer`, identity)).toBe(true);
        expect(policy.allows('iot:Receive', `ek/${other}/offer`, identity)).toBe(false);
        expect(policy.allows('iot:Subscribe', `ek/${other}/offer`, identity)).toBe(false);
        expect(policy.allows('iot:Connect', other, identity)).toBe(false);
      }),
    );
  });
});

describe('a device policy', () => {
  test('denies what no statement allows', () => {
    const policy = policyOf(allow('iot:Connect', `${ARN}:client/*`));
    expect(policy.allows('iot:Connect', 'anybody', deviceCalled('x'))).toBe(true);
    expect(policy.allows('iot:Publish', 'anything', deviceCalled('x'))).toBe(false);
  });

  test('denies what a statement denies, wherever it stands', () => {
    const policy = policyOf(
      deny('iot:*', `${ARN}:topic/secret/*`),
      allow(['iot:Publish', 'iot:Receive'], '*'),
    );
    expect(policy.allows('iot:Publish', 'open/x', deviceCalled('x'))).toBe(true);
    expect(policy.allows('iot:Publish', 'secret/x', deviceCalled('x'))).toBe(false);
    expect(policy.allows('iot:Receive', 'secret/x', deviceCalled('x'))).toBe(false);
  });

  test('keeps the kinds of resource apart', () => {
    const policy = policyOf(allow('iot:*', `${ARN}:topic/a`));
    expect(policy.allows('iot:Publish', 'a', deviceCalled('a'))).toBe(true);
    expect(policy.allows('iot:Subscribe', 'a', deviceCalled('a'))).toBe(false);
    expect(policy.allows('iot:Connect', 'a', deviceCalled('a'))).toBe(false);
  });

  test('is for its own account and region', () => {
    const policy = policyOf(allow('iot:Publish', 'arn:aws:iot:eu-central-1:123456789012:topic/*'));
    expect(policy.allows('iot:Publish', 'a', deviceCalled('a'))).toBe(false);
  });

  test('takes * and ? as wildcards, and + and # as characters', () => {
    const policy = policyOf(
      allow('iot:Subscribe', [`${ARN}:topicfilter/a/?/c`, `${ARN}:topicfilter/some/+/topic`]),
    );
    const allows = (filter: string): boolean => policy.allows('iot:Subscribe', filter, deviceCalled('x'));
    expect(['a/b/c', 'a/+/c', 'some/+/topic'].map(allows)).toEqual([true, true, true]);
    expect(['a/bb/c', 'some/x/topic', 'some/#'].map(allows)).toEqual([false, false, false]);
  });

  test('takes the value of a variable as it stands', () => {
    const policy = policyOf(allow('iot:Publish', `${ARN}:topic/of/${THING}/\${iot:ClientId}/\${*}`));
    expect(policy.allows('iot:Publish', 'of/*/*/*', deviceCalled('*'))).toBe(true);
    expect(policy.allows('iot:Publish', 'of/a/b/c', deviceCalled('*'))).toBe(false);
  });

  test('allows nothing by a variable without a value, and denies anything by one', () => {
    const attribute = `\${iot:Connection.Thing.Attributes[site]}`;
    const allowing = policyOf(allow('iot:Publish', `${ARN}:topic/${attribute}*`));
    const denying = policyOf(allow('iot:Publish', '*'), deny('iot:Publish', `${ARN}:topic/${attribute}/x`));
    for (const attributes of [{}, { site: '' }]) {
      const device = deviceCalled('d', { attributes });
      expect(allowing.allows('iot:Publish', '', device)).toBe(false);
      expect(allowing.allows('iot:Publish', 'undefined', device)).toBe(false);
      expect(denying.allows('iot:Publish', 'any/x', device)).toBe(false);
      expect(denying.allows('iot:Publish', 'any/y', device)).toBe(true);
    }
    const known = deviceCalled('d', { attributes: { site: 'north' } });
    expect(denying.allows('iot:Publish', 'south/x', known)).toBe(true);
    expect(denying.allows('iot:Publish', 'north/x', known)).toBe(false);
    expect(allowing.allows('iot:Publish', 'northern', { ...known, clientId: 'another' })).toBe(false);
  });

  test('does not take what every object has for an attribute', () => {
    const policy = policyOf(
      allow('iot:Publish', `${ARN}:topic/\${iot:Connection.Thing.Attributes[constructor]}`),
    );
    for (const topic of [String(Object), 'x', '']) {
      expect(policy.allows('iot:Publish', topic, deviceCalled('d'))).toBe(false);
    }
  });

  test.each([true, 'true', ['true']])('asks whether the thing is attached when it says %j', (value) => {
    const Condition = { Bool: { 'iot:Connection.Thing.IsAttached': value } };
    const policy = policyOf(allow('iot:Connect', '*', { Condition }));
    expect(policy.allows('iot:Connect', 'd', deviceCalled('d'))).toBe(true);
    expect(policy.allows('iot:Connect', 'd', deviceCalled('d', { isAttached: false }))).toBe(false);
  });
});

describe('what the host does not enforce is refused when the policy is compiled', () => {
  test.each([
    ['Condition.Bool', allow('iot:Connect', '*', { Condition: { Bool: { 'iot:DomainName': 'true' } } })],
    ['Condition', allow('iot:Connect', '*', { Condition: { StringEquals: { 'iot:ClientId': 'x' } } })],
    ['NotResource', { Effect: 'Allow', Action: 'iot:Connect', NotResource: '*' }],
    ['Resource', { Effect: 'Allow', Action: 'iot:Connect' }],
    ['Effect', { Action: 'iot:Connect', Resource: '*' }],
    ['iot:Pubilsh', allow('iot:Pubilsh', '*')],
    ['iot:GetThingShadow', allow('iot:GetThingShadow', '*')],
    ['iot:Certificate.Subject.CommonName', allow('iot:Connect', `\${iot:Certificate.Subject.CommonName}`)],
    ['not closed', allow('iot:Connect', `\${iot:ClientId`)],
    ['at most 2048', allow('iot:Connect', 'x'.repeat(2048))],
  ])('%s', (name, statement) => {
    expect(() => policyOf(statement)).toThrow(ConfigurationError);
    expect(() => policyOf(statement)).toThrow(name);
  });

  test('a document of the version without variables', () => {
    const Statement = [allow('iot:Connect', '*')];
    expect(() => compilePolicy({ Version: '2008-10-17', Statement }, ACCOUNT)).toThrow(ConfigurationError);
  });
});
