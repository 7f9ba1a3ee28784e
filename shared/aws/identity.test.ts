import { IoTClient } from '@aws-sdk/client-iot';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeIdentity } from '#shared/capabilities/conformance/identity.suite.ts';
import { SIGNING_REQUESTS } from '#shared/capabilities/conformance/signing-requests.ts';
import { NotFoundError, ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { PATIENT_SETTINGS } from './client-settings.ts';
import { IotIdentity } from './identity.ts';
import { losesAnswer, losesRequest, refuses } from './testing/bad-days.ts';
import { IotRegistry } from './testing/iot-registry.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { patient, stubbedSettings } from './testing/oracle-process.ts';
import { json, scopeOf, Wire, type WireRequest } from './testing/wire.ts';

pauseForNothing();

const THING = 'acme:cam-1';
const POLICY = 'evenkeel-test-device';
const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };

async function openIdentity() {
  const registry = await IotRegistry.open();
  const wire = await Wire.open(registry.serve);
  const client = new IoTClient(stubbedSettings(wire, patient(PATIENT_SETTINGS)));
  return {
    registry,
    wire,
    identity: new IotIdentity(client, POLICY),
    isInForce: (certificateId: string) => registry.statuses.get(certificateId) === 'ACTIVE',
    async close() {
      client.destroy();
      await wire.close();
      await registry.close();
    },
  };
}

describeIdentity('AWS IoT (stubbed wire, before the project`s own authority)', openIdentity);

describe('AWS IoT as identity (stubbed wire: no server of its kind can be had)', () => {
  let opened: Awaited<ReturnType<typeof openIdentity>>;
  let registry: IotRegistry;
  let wire: Wire;
  beforeEach(async () => {
    opened = await openIdentity();
    ({ registry, wire } = opened);
  });
  afterEach(() => opened.close());

  const issue = (csrPem?: string) =>
    opened.identity.issue({ thing: THING, attributes: ATTRIBUTES, ...(csrPem !== undefined && { csrPem }) });
  const passed = registryOf(() => registry);

  test('asks for each step as the API reference has it, to the byte', async () => {
    const { certificateId } = await issue(SIGNING_REQUESTS.p256.pem);
    const arn = `arn:aws:iot:eu-central-1:000000000000:cert/${certificateId}`;
    expect(wire.requests.map(inWords)).toEqual([
      'GET /endpoint?endpointType=iot%3AData-ATS ',
      'POST /things/acme%3Acam-1 {"attributePayload":{"attributes":' +
        '{"tenant":"acme","product":"cam","hardware":"cam-rev-b"}}}',
      `POST /certificates?setAsActive=true {"certificateSigningRequest":${JSON.stringify(SIGNING_REQUESTS.p256.pem)}}`,
      `PUT /target-policies/evenkeel-test-device {"target":"${arn}"}`,
      'PUT /things/acme%3Acam-1/principals ',
    ]);
    expect(wire.requests.at(-1)?.headers['x-amzn-principal']).toBe(arn);
    expect(new Set(wire.requests.map(scopeOf))).toEqual(new Set(['eu-central-1/iot']));
  });

  test('lets AWS IoT make the key where there is no signing request', async () => {
    await issue();
    expect(inWords(wire.requests[2])).toBe('POST /keys-and-certificate?setAsActive=true ');
  });

  test('asks for the endpoint once', async () => {
    await issue();
    await issue();
    expect(wire.requests.filter(({ path }) => path.startsWith('/endpoint'))).toHaveLength(1);
  });

  test('revokes by id, after it has seen on every page that the certificate is one of the thing', async () => {
    const { certificateId } = await issue();
    wire.requests.length = 0;
    wire.next(() => json(200, { principals: ['arn:aws:iot:x:0:cert/other'], nextToken: 'page 2' }));
    await opened.identity.revoke(THING, certificateId);
    expect(wire.requests.map(inWords)).toEqual([
      'GET /things/acme%3Acam-1/principals ',
      'GET /things/acme%3Acam-1/principals?nextToken=page%202 ',
      `PUT /certificates/${certificateId}?newStatus=REVOKED `,
    ]);
    expect(registry.statuses.get(certificateId)).toBe('REVOKED');
  });

  test('knows no certificate of a thing that AWS IoT does not know', async () => {
    wire.next(refuses(404, 'ResourceNotFoundException'));
    await expect(opened.identity.revoke(THING, '0'.repeat(64))).rejects.toThrow(NotFoundError);
    expect(wire.requests).toHaveLength(1);
  });

  test('goes on with a thing that is there with other attributes', async () => {
    wire.next(passed, refuses(409, 'ResourceAlreadyExistsException'));
    await issue();
    expect(registry.attached).toHaveLength(2);
  });

  test('asks for a certificate again when the answer was lost; the lost one is attached to nothing', async () => {
    wire.next(passed, passed, losesAnswer(passed));
    const { certificateId } = await issue();
    const [lost, kept] = registry.certificates;
    expect(kept).toBe(certificateId);
    expect(registry.attached).toEqual([`${POLICY} ${kept}`, `${THING} ${kept}`]);
    expect(registry.attached.join()).not.toContain(lost);
  });

  test.each([
    ['the thing', 1],
    ['the policy', 3],
    ['the attachment', 4],
  ])('repeats the step for %s when its answer was lost', async (_, before) => {
    wire.next(...Array(before).fill(passed), losesAnswer(passed));
    await issue();
    expect(wire.requests).toHaveLength(6);
    expect(inWords(wire.requests[before])).toBe(inWords(wire.requests[before + 1]));
  });

  test('does not know the outcome of a revocation when three answers were lost; a repeat revokes again', async () => {
    const { certificateId } = await issue();
    wire.requests.length = 0;
    wire.next(passed, losesAnswer(passed), losesAnswer(passed), losesRequest);
    await expect(opened.identity.revoke(THING, certificateId)).rejects.toThrow(UnknownOutcomeError);
    expect(wire.requests).toHaveLength(4);
    await opened.identity.revoke(THING, certificateId);
    expect(registry.statuses.get(certificateId)).toBe('REVOKED');
  });

  test('is throttled after three tries, and has attached nothing', async () => {
    wire.next(passed, passed, passed, ...Array(3).fill(refuses(429, 'ThrottlingException')));
    await expect(issue()).rejects.toThrow(ThrottledError);
    expect(wire.requests).toHaveLength(6);
    expect(registry.attached).toEqual([]);
  });
});

/** The registry of the test that runs, which is not there yet when the tests are declared. */
function registryOf(current: () => IotRegistry) {
  return (asked: WireRequest) => current().serve(asked);
}

function inWords(asked: WireRequest | undefined): string {
  return asked === undefined ? 'nothing' : `${asked.method} ${asked.path} ${asked.body}`;
}
