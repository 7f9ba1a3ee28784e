import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SIGNING_REQUESTS } from '#shared/capabilities/conformance/signing-requests.ts';
import { BeginUpload, CompleteUpload, CreateDownloadUrl } from '#shared/contracts/api/firmware.ts';
import { ListDeviceReports, ListRolloutReports } from '#shared/contracts/api/telemetry.ts';
import { hintTopic } from '#shared/contracts/device/topics.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { auditEntryOf, auditOfQuarantine, readAudit } from '../../../cli/actions/audit.ts';
import {
  decommissionDevice,
  listDevices,
  listQuarantined,
  registerDevice,
  releaseFromQuarantine,
  showDevice,
  tagDevice,
} from '../../../cli/actions/devices.ts';
import {
  addHardware,
  createProduct,
  listReleases,
  publishRelease,
  revokeRelease,
  showProduct,
} from '../../../cli/actions/releases.ts';
import {
  approveRollout,
  controlRollout,
  explainDevice,
  launchRollout,
  listRollouts,
  resumeRollout,
  rolloutCost,
  showRollout,
} from '../../../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey, withdrawSigningKey } from '../../../cli/actions/signing-keys.ts';
import { BareDevice } from '../story/bare-device.ts';
import { FleetBench, HARDWARE, PRODUCT } from '../story/fleet-bench.ts';
import { until } from '../story/until.ts';
import type { Parts } from './parts.ts';
import { SCALED_DOWN } from './releases.suite.ts';

const WITHIN_MS = 120_000;
const VERSION = '2.1.0';
const ARTIFACT = { product: PRODUCT, version: VERSION, hardware: HARDWARE };
/** Nobody has it: the rollout of this suite serves no device. */
const SELECTOR = 'tag("nobody")';

/** What people do beside rollouts that go by themselves: every route of the API, and what devices say beside updates. */
export function describeOperators({ home, bench }: Parts, goodRollout: () => string): void {
  const client = () => bench().client;
  const facts = (deviceId: string) => ({ deviceId, product: PRODUCT, hardware: HARDWARE });

  describe('a life of devices', () => {
    const devices: BareDevice[] = [];
    beforeAll(async () => {
      for (const deviceId of ['bare-1', 'bare-2'])
        devices.push(
          await BareDevice.connect(home(), await registerDevice(client(), facts(deviceId)), facts(deviceId)),
        );
    }, WITHIN_MS);
    afterAll(async () => {
      await Promise.all(devices.map((device) => device.leave()));
    });
    const attributesOf = async (deviceId: string) => (await showDevice(client(), deviceId)).attributes;

    test(
      'begins with a key of its own, where it brings a signing request',
      async () => {
        const { pem } = SIGNING_REQUESTS.p256;
        const device = await registerDevice(client(), { ...facts('bare-3'), csrPem: pem });
        expect(device).not.toHaveProperty('privateKeyPem');
      },
      WITHIN_MS,
    );

    test(
      'begins once, when two register it at the same time',
      async () => {
        const role = home().roleOf('device-registry/registerDevice');
        home().gate.meet((one) => one.role === role && one.operation === 'dynamodb:TransactWriteItems');
        const both = await Promise.allSettled([1, 2].map(() => registerDevice(client(), facts('bare-4'))));
        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 409 } });
      },
      WITHIN_MS,
    );

    test(
      'has an inventory, of one device or of several at once',
      async () => {
        const [first, second] = devices as [BareDevice, BareDevice];
        await first.say('inventory', { v: 1, attributes: { room: 'attic' } });
        await until('it is kept', async () => (await attributesOf('bare-1')).room === 'attic');
        await Promise.all([
          first.say('inventory', { v: 1, attributes: { room: 'cellar' } }),
          second.say('inventory', { v: 1, attributes: { room: 'cellar' } }),
        ]);
        await until('both are kept', async () => {
          const [one, other] = [await attributesOf('bare-1'), await attributesOf('bare-2')];
          return one.room === 'cellar' && other.room === 'cellar';
        });
      },
      WITHIN_MS,
    );

    test(
      'is told what of an inventory was refused, and hears hints',
      async () => {
        const [first] = devices as [BareDevice];
        await first.say('inventory', { v: 2 });
        await until('it is told', () =>
          first.heard.some(({ topic }) => topic === `ek/${first.thing}/refused`),
        );
        const hint = hintTopic('acme', PRODUCT, HARDWARE);
        await home().broker.publish(hint, Buffer.from(JSON.stringify({ v: 1, within: 60 })));
        await until('it hears the hint', () => first.heard.some(({ topic }) => topic === hint));
      },
      WITHIN_MS,
    );

    test(
      'is seen: on a list, by its tags, and whether it is connected',
      async () => {
        expect(await listDevices(client(), 1)).toHaveLength(1);
        await tagDevice(client(), 'bare-1', ['lab']);
        const found = (await listDevices(client(), 100)).find(({ deviceId }) => deviceId === 'bare-1');
        expect(found?.tags).toEqual(['lab']);
        await until('it is seen as connected', async () => {
          const { presence } = await showDevice(client(), 'bare-1');
          return presence?.connected === true;
        });
        await devices[0]?.leave();
        await until('it is seen as gone', async () => {
          const { presence } = await showDevice(client(), 'bare-1');
          return presence?.connected === false;
        });
      },
      WITHIN_MS,
    );

    test(
      'may be used twice: it is in quarantine until it is released, or registered anew',
      async () => {
        const deviceId = 'bare-7';
        const own = facts(deviceId);
        const device = await BareDevice.connect(home(), await registerDevice(client(), own), own);
        const isIn = async () =>
          (await listQuarantined(client(), 100)).some((one) => one.deviceId === deviceId);
        let turn = 0;
        // Of what a device says within a second only the last counts: each goes on for longer.
        const speaksInTurns = async () => {
          turn += 1;
          const boot = Math.floor(turn / 6) % 2;
          await device.say('report', {
            ...{ v: 1, nonce: `bare-7-${turn}-turn`, hardware: HARDWARE, confirmed: true },
            ...{ components: { main: { version: '1.0.0' } }, bootId: `bare-7-boot-${boot}` },
          });
          return isIn();
        };
        await until('two are found to use it', speaksInTurns);
        await releaseFromQuarantine(client(), deviceId, 'the copy is wiped');
        await until('they go on', speaksInTurns);
        await device.leave();
        await decommissionDevice(client(), deviceId);
        await registerDevice(client(), own);
        await until('it is another identity', async () => !(await isIn()));
        const source = await auditOfQuarantine(client(), deviceId);
        const actions = (await readAudit(source)).map((text) => auditEntryOf(text).action);
        const round = ['quarantine', 'release-from-quarantine'];
        expect(actions).toEqual([...round, ...round]);
      },
      WITHIN_MS,
    );

    test(
      'ends: who was decommissioned is not let in any more',
      async () => {
        const device = await registerDevice(client(), facts('bare-5'));
        const { decommissioned } = await decommissionDevice(client(), 'bare-5');
        expect(decommissioned).toBe(true);
        await expect(BareDevice.connect(home(), device, facts('bare-5'))).rejects.toThrow();
      },
      WITHIN_MS,
    );
  });

  test('a product is made once', async () => {
    const again = createProduct(client(), { product: PRODUCT, hardware: [HARDWARE] });
    await expect(again).rejects.toMatchObject({ status: 409 });
  });

  describe('a release whose upload meets bad luck', () => {
    const bytes = randomBytes(1024 * 1024);

    test(
      'has one upload, when two begin it at the same time',
      async () => {
        const role = home().roleOf('firmware-storage/beginUpload');
        const restore = home().gate.fail((one) => one.role === role);
        await expect(bench().push(VERSION, bytes)).rejects.toMatchObject({ status: 500 });
        restore();
        home().gate.meet((one) => one.role === role && one.operation === 'dynamodb:TransactWriteItems');
        const begin = () => client().call(BeginUpload, { params: ARTIFACT });
        const [one, other] = await Promise.all([begin(), begin()]);
        expect(one.uploadId).toBe(other.uploadId);
      },
      WITHIN_MS,
    );

    test(
      'goes on where it was, when its last answer was lost',
      async () => {
        const completing = home().roleOf('firmware-storage/completeUpload');
        const judging = home().roleOf('firmware-storage/onFirmwareUploaded');
        const restore = home().gate.fail(
          ({ role, operation }) => role === completing && operation === 'dynamodb:TransactWriteItems',
        );
        const judge = home().gate.fail(({ role }) => role === judging);
        const { uploadId, parts } = await client().call(BeginUpload, { params: ARTIFACT });
        const { etag } = await bench().reach(parts[0]?.url ?? '', bytes);
        const body = { uploadId, parts: [{ number: 1, etag }] };
        const complete = () => client().call(CompleteUpload, { params: ARTIFACT, body });
        await expect(complete()).rejects.toMatchObject({ status: 500 });
        restore();
        expect((await complete()).artifacts).toMatchObject([{ state: 'verifying' }]);
        judge();
        expect(await bench().push(VERSION, bytes)).toMatchObject({ state: 'verified' });
      },
      WITHIN_MS,
    );

    test(
      'can be downloaded by its address, and listed',
      async () => {
        const { url } = await client().call(CreateDownloadUrl, { params: ARTIFACT });
        const { status, body } = await bench().reach(url);
        expect([status, body.equals(bytes)]).toEqual([200, true]);
        expect(await listReleases(client(), PRODUCT, 1)).toHaveLength(1);
        expect((await listReleases(client(), PRODUCT, 10)).length).toBeGreaterThan(2);
        expect((await showProduct(client(), PRODUCT)).lastSequence).toBe(3);
      },
      WITHIN_MS,
    );

    test(
      'can be made for a board that its product gets later',
      async () => {
        const hardware = [HARDWARE, `${HARDWARE}2`];
        const widened = await addHardware(client(), { product: PRODUCT, hardware });
        expect(widened.hardware).toEqual(hardware);
      },
      WITHIN_MS,
    );

    test(
      'cannot be signed any more with a key that is withdrawn',
      async () => {
        const { publicKeyPem } = newSigningKey();
        const key = { product: PRODUCT, name: 'leaked' };
        await addSigningKey(client(), { ...key, publicKeyPem });
        const { keys } = await withdrawSigningKey(client(), { ...key, reason: 'leaked' });
        expect(keys.map(({ name, withdrawn }) => [name, withdrawn?.reason])).toEqual([
          ['main', undefined],
          ['leaked', 'leaked'],
        ]);
      },
      WITHIN_MS,
    );

    test(
      'takes its rollouts with it when it is withdrawn',
      async () => {
        const which = { product: PRODUCT, version: VERSION };
        await publishRelease(client(), which);
        const stages = [{ name: 'all', percent: '100%' }];
        const holdOut = { share: '1%', for: '1h' };
        const document = { ...SCALED_DOWN, selector: SELECTOR, stages, holdOut };
        const rollout = await bench().rollOut(VERSION, document);
        expect(await showRollout(client(), rollout)).toMatchObject({ holdOut: { share: '1%' } });
        const withdrawn = await revokeRelease(client(), which, 'erases the calibration');
        expect(withdrawn.state).toBe('revoked');
        expect((await showRollout(client(), rollout)).state).toBe('aborted');
      },
      WITHIN_MS,
    );
  });

  describe('a rollout in the hands of an operator', () => {
    test(
      'is drafted, approved, launched, paused, resumed, moved on, explained, listed and aborted',
      async () => {
        const stages = [
          { name: 'first', percent: '50%', gate: { bake: '1h' } },
          { name: 'all', percent: '100%' },
        ];
        const document = { ...SCALED_DOWN, selector: SELECTOR, stages, approvals: 1 };
        const rollout = await bench().draft('3.0.0', document);
        await expect(launchRollout(client(), rollout)).rejects.toMatchObject({ status: 409 });
        const approver = FleetBench.clientOf(home(), await home().token('approver'));
        const { approvals } = await approveRollout(approver, await showRollout(approver, rollout));
        approver.close();
        expect(approvals).toMatchObject({ missing: 0, given: [{ by: 'operator:approver' }] });
        await launchRollout(client(), rollout);
        const states = [];
        states.push((await controlRollout(client(), rollout, 'pause', 'lunch')).state);
        states.push((await resumeRollout(client(), rollout, 'back')).state);
        const moved = await controlRollout(client(), rollout, 'advance', 'in a hurry');
        states.push(moved.stages[1]?.state);
        expect((await explainDevice(client(), 'cam-0001')).rollouts.length).toBeGreaterThan(0);
        expect(await listRollouts(client(), 1)).toHaveLength(1);
        expect((await listRollouts(client(), 10)).length).toBeGreaterThan(2);
        expect(await rolloutCost(client(), rollout)).toMatchObject({ rollout, basis: expect.any(String) });
        states.push((await controlRollout(client(), rollout, 'abort', 'a mistake')).state);
        expect(states).toEqual(['paused', 'running', 'open', 'aborted']);
        expect((await showRollout(client(), rollout)).reason).toBe('a mistake');
      },
      WITHIN_MS,
    );

    test(
      'has the reports of its devices in a log, by device and by rollout',
      async () => {
        const day = new Date().toISOString().slice(0, 10);
        const ofRollout = async () => {
          const params = { rollout: goodRollout() };
          return (await client().call(ListRolloutReports, { params, query: { day } })).reports;
        };
        await until('its reports are in the log', async () => (await ofRollout()).length > 0);
        const [first] = await ofRollout();
        const params = { deviceId: first?.thing.split(':')[1] ?? '' };
        const { reports } = await client().call(ListDeviceReports, { params, query: { day } });
        expect(reports).toContainEqual(first);
      },
      WITHIN_MS,
    );
  });

  test(
    'a home that could not hear its devices says so',
    async () => {
      const [detail] = HearingInterrupted.examples;
      const { source, type } = HearingInterrupted;
      await home().publish({ source, type, detail: { ...detail } });
      const { arn } = home().callers.ofRole(home().roleOf('rollout-orchestrator/onHearingInterrupted'));
      await until('it is noted', () => home().callers.ofRole(arn).used.length > 0);
    },
    WITHIN_MS,
  );

  test(
    'a home whose tables were restored from a backup has its rollouts paused',
    async () => {
      const stages = [{ name: 'all', percent: '100%' }];
      const rollout = await bench().rollOut('3.0.0', { ...SCALED_DOWN, selector: SELECTOR, stages });
      const { source, type, examples } = HearingInterrupted;
      const detail = examples.find(({ restoredFromMs }) => restoredFromMs !== undefined);
      await home().publish({ source, type, detail: { ...detail } });
      await until('it is paused', async () => (await showRollout(client(), rollout)).state === 'paused');
      await controlRollout(client(), rollout, 'abort', 'only for this');
    },
    WITHIN_MS,
  );
}
