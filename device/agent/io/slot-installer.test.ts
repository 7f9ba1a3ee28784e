import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { sharedFileDigest } from './file-digest.ts';
import { SlotInstaller } from './slot-installer.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const MANIFEST: Manifest = {
  v: 1,
  product: 'cam',
  version: '1.1.0',
  sequence: 4,
  artifacts: [{ hardware: 'cam-rev-b', sha256: digest('new'), sizeBytes: 3 }],
};

describe.each([[false], [true]])('a device with two slots (bytes shared: %s)', (shareBytes) => {
  let directory: string;
  let device: SlotInstaller;
  const image = (name: string) => path.join(directory, name);
  const open = () =>
    new SlotInstaller({
      directory: image('device'),
      world: realWorld,
      bootMs: 0,
      shareBytes,
      digestOf: sharedFileDigest(),
    });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-slots-'));
    await writeFile(image('old.bin'), 'old');
    await writeFile(image('new.bin'), 'new');
    device = open();
    await device.provision(image('old.bin'), '1.0.0');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const OLD = { version: '1.0.0', digest: digest('old'), sequence: 0, confirmed: true };
  const NEW = { version: '1.1.0', digest: digest('new'), sequence: 4, confirmed: true };

  test('leaves the factory with an image, and provisioning it again changes nothing', async () => {
    await device.provision(image('new.bin'), '9.9.9');
    expect(await device.runningImage()).toEqual(OLD);
  });

  test('runs the old image until it reboots, the new one on trial after that', async () => {
    await device.install(image('new.bin'), MANIFEST);
    expect(await device.runningImage()).toEqual(OLD);
    await device.reboot();
    expect(await device.runningImage()).toEqual({ ...NEW, confirmed: false });
  });

  test('goes back at the next reboot unless the image was confirmed', async () => {
    await device.install(image('new.bin'), MANIFEST);
    await device.reboot();
    await device.reboot();
    expect(await device.runningImage()).toEqual(OLD);
  });

  test('keeps a confirmed image over reboots and over the loss of the process', async () => {
    await device.install(image('new.bin'), MANIFEST);
    await device.reboot();
    await device.confirm();
    await open().reboot();
    expect(await open().runningImage()).toEqual(NEW);
  });

  test('that lost its power while a slot was written boots the old image', async () => {
    await expect(device.install(image('absent.bin'), MANIFEST)).rejects.toMatchObject({
      reason: 'flash-write',
    });
    await device.reboot();
    expect(await device.runningImage()).toEqual(OLD);
  });

  test('tells what runs from the bytes in the slot, not from what it was told', async () => {
    await device.install(image('old.bin'), MANIFEST);
    await device.reboot();
    expect(await device.runningImage()).toMatchObject({ version: '1.1.0', digest: digest('old') });
  });

  test('copies bytes only where they are not shared', async () => {
    await device.install(image('new.bin'), MANIFEST);
    const [slot, source] = await Promise.all([stat(image('device/slot-b')), stat(image('new.bin'))]);
    expect(slot.ino === source.ino).toBe(shareBytes);
  });
});
