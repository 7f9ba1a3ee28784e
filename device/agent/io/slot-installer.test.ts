import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, open as openFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { fileDigest, sharedFileDigest } from './file-digest.ts';
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
      hardware: 'cam-rev-b',
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
    await device.install(image('new.bin'), MANIFEST);
    await device.reboot();
    await device.confirm();
    await writeFile(image('device/slot-b'), 'not');
    expect(await device.runningImage()).toMatchObject({ version: '1.1.0', digest: digest('not') });
  });

  test.each([
    ['torn', 'ne'],
    ['with a flipped bit', 'nev'],
    ['of another image', 'old'],
  ])('installs no bytes that were signed otherwise: a download %s', async (_, bytes) => {
    await writeFile(image('new.bin'), bytes);
    await expect(device.install(image('new.bin'), MANIFEST)).rejects.toMatchObject({ reason: 'mismatch' });
    await device.reboot();
    expect(await device.runningImage()).toEqual(OLD);
  });

  test('installs nothing of a manifest that has no artifact for its hardware', async () => {
    const foreign = {
      ...MANIFEST,
      artifacts: [{ hardware: 'cam-rev-c', sha256: digest('new'), sizeBytes: 3 }],
    };
    await expect(device.install(image('new.bin'), foreign)).rejects.toMatchObject({ reason: 'mismatch' });
    await device.reboot();
    expect(await device.runningImage()).toEqual(OLD);
  });

  const harms: [string, (slot: string) => Promise<void>][] = [
    ['was torn', (slot) => truncate(slot, 2)],
    ['has a flipped bit', (slot) => writeFile(slot, 'nev')],
    ['is gone', (slot) => rm(slot)],
  ];

  test.each(harms)('boots no slot that %s after the install', async (_, harm) => {
    await device.install(image('new.bin'), MANIFEST);
    await harm(image('device/slot-b'));
    await open().reboot();
    expect(await open().runningImage()).toEqual(OLD);
    await open().reboot();
    expect(await open().runningImage()).toEqual(OLD);
  });

  test.each(harms)('confirms no slot that %s on trial, and goes back from it', async (_, harm) => {
    await device.install(image('new.bin'), MANIFEST);
    await device.reboot();
    await harm(image('device/slot-b'));
    await expect(open().confirm()).rejects.toMatchObject({ reason: 'mismatch' });
    await open().reboot();
    expect(await open().runningImage()).toEqual(OLD);
  });

  test('takes the update again after one that was torn', async () => {
    await device.install(image('new.bin'), MANIFEST);
    await truncate(image('device/slot-b'), 1);
    await device.reboot();
    await writeFile(image('new.bin'), 'new');
    await device.install(image('new.bin'), MANIFEST);
    await device.reboot();
    await device.confirm();
    expect(await device.runningImage()).toEqual(NEW);
  });

  test('copies bytes only where they are not shared', async () => {
    await device.install(image('new.bin'), MANIFEST);
    const [slot, source] = await Promise.all([stat(image('device/slot-b')), stat(image('new.bin'))]);
    expect(slot.ino === source.ino).toBe(shareBytes);
  });
});

test('makes no image permanent for a boot that is over: it runs no more', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-slots-'));
  const [oldFile, newFile] = [path.join(directory, 'old.bin'), path.join(directory, 'new.bin')];
  await writeFile(oldFile, 'old');
  await writeFile(newFile, 'new');
  let read = Promise.resolve();
  const device = new SlotInstaller({
    directory: path.join(directory, 'device'),
    hardware: 'cam-rev-b',
    world: realWorld,
    bootMs: 0,
    digestOf: async (file) => {
      await read;
      return fileDigest(file);
    },
  });
  await device.provision(oldFile, '1.0.0');
  await device.install(newFile, MANIFEST);
  await device.reboot();
  const slow = Promise.withResolvers<void>();
  read = slow.promise;
  const confirmed = expect(device.confirm()).rejects.toThrow('the device has rebooted since');
  await device.reboot();
  slow.resolve();
  await confirmed;
  expect(await device.runningImage()).toMatchObject({ version: '1.0.0', confirmed: true });
  await rm(directory, { recursive: true });
});

/** A loss of power cannot be had here: what is seen is the order in which the disk is told to keep things. */
test('has a slot and its directory on disk before the boot file names it', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-slots-'));
  const device = path.join(directory, 'device');
  const [oldFile, newFile] = [path.join(directory, 'old.bin'), path.join(directory, 'new.bin')];
  await writeFile(oldFile, 'old');
  await writeFile(newFile, 'new');
  const installer = new SlotInstaller({
    directory: device,
    hardware: 'cam-rev-b',
    world: realWorld,
    bootMs: 0,
  });
  await installer.provision(oldFile, '1.0.0');

  const synced: { file: string; bytes: string; names: unknown }[] = [];
  const probe = await openFile(oldFile);
  const handles: { sync(this: { readonly fd: number }): Promise<void> } = Object.getPrototypeOf(probe);
  await probe.close();
  const { sync } = handles;
  const watch = jest.spyOn(handles, 'sync').mockImplementation(async function (this: {
    readonly fd: number;
  }) {
    const file = readlinkSync(`/proc/self/fd/${this.fd}`);
    const { next } = JSON.parse(readFileSync(path.join(device, 'boot.json'), 'utf8'));
    const bytes = file === device ? '' : readFileSync(file, 'utf8');
    synced.push({ file: path.basename(file), bytes, names: next });
    await sync.call(this);
  });
  try {
    await installer.install(newFile, MANIFEST);
  } finally {
    watch.mockRestore();
    await rm(directory, { recursive: true });
  }
  expect(synced.map(({ file, names }) => [file, names])).toEqual([
    ['boot.json.new', undefined],
    ['device', undefined],
    ['slot-b', undefined],
    ['device', undefined],
    ['boot.json.new', undefined],
    ['device', 'b'],
  ]);
  expect(synced[2]?.bytes).toBe('new');
});
