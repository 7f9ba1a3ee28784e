import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { verifyAudit } from '#shared/audit/verify-audit.ts';
import { gateKey } from '../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

describe('quarantine', () => {
  let host: TestHost;
  let device: ScriptedDevice;
  let rollout: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    device = new ScriptedDevice(host, 'cam-0');
    await device.register();
    // Members are counted at the launch.
    for (let n = 1; n <= 5; n += 1) await new ScriptedDevice(host, `cam-${n}`).register();
    await publishRelease(host, '1.1.0', 2);
    rollout = await launch();
  });

  afterEach(async () => {
    await host.stop();
  });

  const launch = () => draftAndLaunch(host, quickDocument('cam/1.1.0', ALL_AT_ONCE));

  const release = (deviceId: string, caller = {}) =>
    host.http(
      'POST',
      `/devices/${deviceId}/release-from-quarantine`,
      { reason: 'the copy is wiped' },
      caller,
    );
  const quarantined = async () => (await host.http('GET', '/quarantine')).body.devices;
  const OFFER = { release: 'cam/1.1.0' };
  const REFUSAL = { message: 'check', field: 'device' };

  test('two devices with one identity get nothing, are listed, counted and written down', async () => {
    await device.isCloned();
    expect(await device.check()).toMatchObject(REFUSAL);
    expect((await host.http('GET', `/devices/${device.deviceId}/why`)).body.decision).toBe('refused');
    expect(await quarantined()).toEqual([{ deviceId: 'cam-0', sinceMs: expect.any(Number) }]);
    expect((await host.http('GET', '/quarantine', undefined, { tenant: 'other' })).body.devices).toEqual([]);
  });

  test('who is released is answered at its next check, and is put back as soon as the two go on', async () => {
    await device.isCloned();
    expect(await release('cam-0')).toMatchObject({ status: 200, body: { deviceId: 'cam-0' } });
    expect(await quarantined()).toEqual([]);
    expect(await device.check()).toMatchObject(OFFER);
    await device.isCloned();
    expect(await device.check()).toMatchObject(REFUSAL);
    expect(await quarantined()).toMatchObject([{ deviceId: 'cam-0' }]);
  });

  test('coming into it and being released are under seals', async () => {
    await device.isCloned();
    await release('cam-0');
    await host.advance(60_000);
    const { entries } = (await host.http('GET', '/devices/cam-0/quarantine/audit')).body;
    const { seals, keys } = (await host.http('GET', '/audit/seals/rollouts')).body;
    const texts = entries.map(({ text }: { text: string }) => text);
    const verdict = verifyAudit({
      log: 'rollouts',
      about: 'acme:cam-0',
      keys: new Map(
        keys.map((key: { keyId: string; publicKeyPem: string }) => [key.keyId, key.publicKeyPem]),
      ),
      entries: texts,
      seals,
      nowMs: host.world.now(),
    });
    expect(verdict).toMatchObject({ sealed: 2, waiting: 0, faults: [] });
    expect(texts.map((text: string) => JSON.parse(text))).toMatchObject([
      { action: 'quarantine', actor: 'evenkeel', after: { quarantined: true } },
      {
        action: 'release-from-quarantine',
        actor: expect.stringMatching(/^operator:/),
        reason: 'the copy is wiped',
      },
    ]);
  });

  test('nobody is released who is not in it, is not known, or by who may only look', async () => {
    expect(await release('cam-0')).toMatchObject({ status: 409, body: { error: { field: 'deviceId' } } });
    expect(await release('cam-x')).toMatchObject({ status: 404 });
    await device.isCloned();
    expect(await release('cam-0', { role: 'viewer' })).toMatchObject({ status: 403 });
    expect(await release('cam-0', { tenant: 'other' })).toMatchObject({ status: 404 });
    expect(await device.check()).toMatchObject(REFUSAL);
  });

  test('a device that was registered anew is another identity', async () => {
    await device.isCloned();
    const registeredAtMs = host.world.now() + 1_000;
    await device.register({ entityVersion: 2, tags: ['lab'] });
    expect(await device.check()).toMatchObject(REFUSAL);
    await host.advance(1_000);
    // As events may: the tag that it was given later is heard of first.
    await device.register({ entityVersion: 5, registeredAtMs: registeredAtMs - 500, tags: ['lab'] });
    await host.advance(1_000);
    expect(await device.check()).toMatchObject(REFUSAL);
    await device.register({ entityVersion: 4, registeredAtMs: host.world.now() });
    expect(await device.check()).toMatchObject(OFFER);
    expect(await quarantined()).toEqual([]);
  });

  test('a device that reboots again and again is no clone', async () => {
    for (let boot = 0; boot < 8; boot += 1) {
      device.boots('1.0.0');
      expect(await device.check()).toMatchObject(OFFER);
    }
  });

  describe('and the evidence', () => {
    const shown = async () => (await host.http('GET', `/rollouts/${rollout}`)).body;
    const evidence = async () => {
      const { evidence } = await shown();
      return evidence.find(
        ({ scope, kind }: { scope: string; kind: string }) => scope === 'pooled' && kind === 'failed',
      );
    };

    /** A device of its own that has come to "rebooting". */
    async function rebooting(deviceId: string): Promise<ScriptedDevice> {
      const one = new ScriptedDevice(host, deviceId);
      await one.check();
      await one.requestPermit('cam/1.1.0');
      await one.install('1.1.0');
      return one;
    }

    test('a bad end from before two were found to speak leaves it', async () => {
      const one = await rebooting('cam-1');
      const copy = new ScriptedDevice(host, 'cam-1');
      copy.boots('1.0.0');
      await copy.check();
      expect(await evidence()).toMatchObject({ bad: 1, exposed: 1 });
      one.boots('1.1.0');
      one.boots('1.1.0');
      for (let round = 0; round < 3; round += 1) {
        await one.check();
        await copy.check();
      }
      expect(await quarantined()).toMatchObject([{ deviceId: 'cam-1' }]);
      expect(await evidence()).toMatchObject({ bad: 0, exposed: 0 });
      const { entries } = (await host.http('GET', `/rollouts/${rollout}/audit`)).body;
      expect(JSON.parse(entries.at(-1).text)).toMatchObject({
        action: 'take-out-of-evidence',
        actor: 'evenkeel',
        reason: 'device cam-1 is in quarantine: what it says is no evidence',
      });
    });

    test('an open attempt leaves it, and whatever becomes of it does not count', async () => {
      const copy = new ScriptedDevice(host, device.deviceId);
      copy.boots('1.0.0');
      for (const one of [device, copy, device, copy]) await one.check();
      await device.requestPermit('cam/1.1.0');
      await device.install('1.1.0');
      expect(await evidence()).toMatchObject({ bad: 0, exposed: 1 });
      await device.check();
      expect(await quarantined()).toHaveLength(1);
      expect(await evidence()).toMatchObject({ bad: 0, exposed: 0 });
      await copy.check();
      const { attempts } = (await host.http('GET', `/devices/${device.deviceId}/why`)).body;
      expect(attempts).toMatchObject([{ state: 'reverted' }]);
      expect(await evidence()).toMatchObject({ bad: 0, exposed: 0 });
    });

    test('a permit is taken back whose install has not begun', async () => {
      await device.check();
      await device.requestPermit('cam/1.1.0');
      await device.isCloned();
      expect(await device.report('installing', '1.1.0')).toMatchObject({ answer: 'withdrawn' });
      await host.advance(4_000_000);
      expect(await evidence()).toMatchObject({ bad: 0, exposed: 0 });
      const { granted } =
        (await host.table('rollouts').get([gateKey(rollout)], { consistent: true }))[0] ?? {};
      await release('cam-0');
      await device.check();
      expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
      const [gate] = await host.table('rollouts').get([gateKey(rollout)], { consistent: true });
      // It has the place that it had, and no second one.
      expect(gate).toMatchObject({ granted, 'granted.201': 1 });
    });

    test('an attempt that is open when its rollout is over comes to its end, although nothing else is looked at', async () => {
      await device.check();
      await device.requestPermit('cam/1.1.0');
      // Silence is looked for by now.
      await host.advance(120_000);
      await host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'another release is better' });
      await device.isCloned();
      const attempts = async () => (await host.http('GET', '/devices/cam-0/why')).body.attempts;
      expect(await quarantined()).toHaveLength(1);
      expect(await attempts()).toMatchObject([{ state: 'granted' }]);
      await host.advance(4 * 3_600_000);
      expect(await attempts()).toMatchObject([{ state: 'void' }]);
    });

    test('a release whose boot ids repeat hides no more than three of its failures', async () => {
      for (let n = 1; n <= 5; n += 1) {
        const one = await rebooting(`cam-${n}`);
        // Each boot of it says that it is one of two, in turns, and runs what it ran before.
        const other = new ScriptedDevice(host, one.deviceId);
        other.boots('1.0.0');
        one.boots('1.0.0');
        one.boots('1.0.0');
        for (let round = 0; round < 3; round += 1) {
          await one.check();
          await other.check();
        }
      }
      expect(await quarantined()).toHaveLength(5);
      expect(await evidence()).toMatchObject({ bad: 2, exposed: 2 });
      expect(await shown()).toMatchObject({ state: 'halted' });
    });
  });
});
