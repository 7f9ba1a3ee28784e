import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  AccessDeniedError,
  ConfigurationError,
  ThrottledError,
  UnknownOutcomeError,
} from '#shared/errors/errors.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { accessOf, type ParameterStore } from './parameter-store.ts';
import { Secret } from './secret.ts';
import { losesRequest, refuses } from './testing/bad-days.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { parametersAt } from './testing/oracle-process.ts';
import { answer, json, scopeOf, Wire } from './testing/wire.ts';

pauseForNothing();

const NAME = '/evenkeel/test/download-signing-key';

describe('a secret in the parameter store (stubbed wire: no server of its kind can be had)', () => {
  let wire: Wire;
  let store: ParameterStore;
  let secret: Secret<string>;
  beforeEach(async () => {
    wire = await Wire.open();
    store = parametersAt(wire, realWorld);
    secret = new Secret(store, NAME, (text) => (text === 'wrong' ? undefined : text));
  });
  afterEach(async () => {
    store.close();
    await wire.close();
  });

  const holding = (Value: string) => () =>
    json(200, { Parameter: { Name: NAME, Type: 'SecureString', Value, Version: 1 } });

  test('is asked for as GetParameter has it, to the byte', async () => {
    wire.next(holding('hush'));
    expect(await secret.value()).toBe('hush');
    const { method, path, headers, body } = wire.only();
    expect(`${method} ${path}`).toBe('POST /');
    expect(headers['x-amz-target']).toBe('AmazonSSM.GetParameter');
    expect(headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(scopeOf(wire.only())).toBe('eu-central-1/ssm');
    expect(body.toString()).toBe(`{"Name":"${NAME}","WithDecryption":true}`);
  });

  test('is asked for once, however many need it at once and later', async () => {
    wire.next(holding('hush'));
    expect(await Promise.all([secret.value(), secret.value()])).toEqual(['hush', 'hush']);
    expect(await secret.value()).toBe('hush');
    expect(wire.requests).toHaveLength(1);
  });

  test('is asked for again after a failure', async () => {
    wire.next(refuses(400, 'AccessDeniedException'), holding('hush'));
    await expect(secret.value()).rejects.toThrow(AccessDeniedError);
    expect(await secret.value()).toBe('hush');
  });

  test.each([
    ['is not there', refuses(400, 'ParameterNotFound'), ConfigurationError],
    ['holds something else', holding('wrong'), ConfigurationError],
  ])('names the parameter that %s', async (_, handling, kind) => {
    wire.next(handling, handling);
    await expect(secret.value()).rejects.toThrow(kind);
    await expect(secret.value()).rejects.toThrow(NAME);
  });

  test.each([
    ['throttled', refuses(400, 'ThrottlingException'), ThrottledError],
    ['lost', losesRequest, UnknownOutcomeError],
    ['failing', refuses(500, 'InternalServerError'), UnknownOutcomeError],
    ['broken off', () => answer(200, '{"Parameter":{"Val'), UnknownOutcomeError],
    ['behind a page of somebody else', () => answer(502, '<html>'), UnknownOutcomeError],
  ])('is given up when it is %s three times', async (_, handling, kind) => {
    wire.next(handling, handling, handling);
    await expect(secret.value()).rejects.toThrow(kind);
    expect(wire.requests).toHaveLength(3);
  });

  test('is read again after an answer that was lost', async () => {
    wire.next(losesRequest, holding('hush'));
    expect(await secret.value()).toBe('hush');
  });

  test('is asked for with the role of the function, by the variables that Lambda sets', () => {
    const environment: Readonly<Record<string, string>> = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    };
    const setting = (name: string) => environment[name] ?? name;
    expect(accessOf({ setting, optional: (name) => environment[name] })()).toEqual({
      region: 'eu-central-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    });
  });
});
