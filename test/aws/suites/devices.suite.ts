import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SIGNING_REQUESTS } from '#shared/capabilities/conformance/signing-requests.ts';
import { hintTopic } from '#shared/contracts/device/topics.ts';
import { auditEntryOf, readAudit } from '../../../cli/actions/audit.ts';
import { auditOfQuarantine } from '../../../cli/actions/audit-sources.ts';
import {
  decommissionDevice,
  listDevices,
  listQuarantined,
  registerDevice,
  releaseFromQuarantine,
  showDevice,
  tagDevice,
} from '../../../cli/actions/devices.ts';
import { countVersions, listFleet } from '../../../cli/actions/fleet.ts';
import { BareDevice } from '../story/bare-device.ts';
import { HARDWARE, PRODUCT } from '../story/maker.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';

/** What devices say beside updates, and what operators do with single devices. */
export function describeDevices({ home, maker }: Parts): void {
  const client = () => maker().client;
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
      'is told what was refused, of an inventory, a check, a request or a report, and hears hints',
      async () => {
        const [first] = devices as [BareDevice];
        const refusals = () =>
          first.heard.filter(({ topic }) => topic === `ek/${first.thing}/refused`).length;
        for (const [told, kind] of (['inventory', 'check', 'permit', 'report'] as const).entries()) {
          await first.say(kind, { v: 2 });
          await until(`it is told of ${kind}`, () => refusals() > told);
        }
        const hint = hintTopic('acme', PRODUCT, HARDWARE);
        await home().broker.publish(hint, Buffer.from(JSON.stringify({ v: 1, within: 60 })));
        await until('it hears the hint', () => first.heard.some(({ topic }) => topic === hint));
      },
      WITHIN_MS,
    );

    test(
      'is seen: on a list, by its tags, and whether it is connected',
      async () => {
        expect((await listDevices(client(), 1)).devices).toHaveLength(1);
        expect((await listDevices(client(), 1, { unseenDays: 1 })).devices).toEqual([]);
        await tagDevice(client(), 'bare-1', ['lab']);
        const found = (await listDevices(client(), 100)).devices.find(
          ({ deviceId }) => deviceId === 'bare-1',
        );
        expect(found?.tags).toEqual(['lab']);
        const inLab = { where: 'device = "bare-1"', tag: ['lab'] };
        await until('it is listed with what runs', async () => {
          const { devices } = await listFleet(client(), 1, inLab);
          return devices.length === 1;
        });
        expect((await countVersions(client(), inLab)).versions).toMatchObject([{ devices: 1 }]);
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
            v: 1,
            nonce: `bare-7-${turn}-turn`,
            hardware: HARDWARE,
            confirmed: true,
            components: { main: { version: '1.0.0' } },
            bootId: `bare-7-boot-${boot}`,
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
}
