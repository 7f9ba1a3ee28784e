import { mkdir, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedStore } from '#host/store/embedded-store.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { realWorld } from '#shared/world/real-world.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');

describe('a data directory that a host has been started in', () => {
  let directory: string;
  let again: ServedHost | undefined;
  beforeEach(async () => {
    const host = await startServedHost({ root: ROOT });
    directory = host.directory;
    await host.stop({ keep: true });
  });
  afterEach(async () => {
    await again?.stop({ keep: true });
    again = undefined;
    await rm(directory, { recursive: true });
  });

  const inside = (name: string) => path.join(directory, name);
  const start = async () => {
    again = await startServedHost({ root: ROOT, directory });
  };
  it.each([
    ['evenkeel.db', 'every device and rollout would be forgotten'],
    ['authority', 'every device would be locked out'],
    ['buckets', 'all firmware would be taken for leftovers'],
    ['secrets/seal.key', 'show nobody that they are of this host'],
    ['secrets/presign.key', 'every URL of a download or an upload'],
    ['secrets', 'show nobody that they are of this host'],
  ])('is not begun anew when %s is gone, and says what to do', async (name, cost) => {
    await rm(path.join(directory, name), { recursive: true });
    await expect(start()).rejects.toThrow(ConfigurationError);
    await expect(start()).rejects.toThrow(cost);
    await expect(start()).rejects.toThrow('Restore the whole directory');
  });

  it('is not begun anew when its database is empty', async () => {
    await truncate(path.join(directory, 'evenkeel.db'));
    await expect(start()).rejects.toThrow('is missing or empty');
  });

  it('is served without its tokens, which nobody can use any more, and says so', async () => {
    await rm(path.join(directory, 'secrets/tokens.json'));
    await start();
    expect(again?.serving.warnings).toEqual([expect.stringContaining("nobody's token holds any more")]);
    expect(again?.lines).toContainEqual(expect.objectContaining({ level: 'WARN', service: 'host' }));
  });

  it.each([
    'authority/ca.key.pem',
    'authority/ca.pem',
    'authority/server.key.pem',
    'authority/server.pem',
    'secrets/seal.key',
    'secrets/presign.key',
    'secrets/tokens.json',
    'evenkeel.db',
    'evenkeel.lock',
    'buckets/index.sqlite',
    'host.json',
  ])('is refused in one sentence that names %s where that is a directory', async (name) => {
    await rm(inside(name), { force: true });
    await mkdir(inside(name));
    await expect(start()).rejects.toThrow(ConfigurationError);
    await expect(start()).rejects.toThrow(inside(name));
    await expect(start()).rejects.toThrow(/: (remove|make sure)/);
  });

  it('has nothing to warn of when it is whole', async () => {
    await start();
    expect(again?.serving.warnings).toEqual([]);
  });

  it('is taken as it is after a first start that was cut off between the database and the rest', async () => {
    await rm(directory, { recursive: true });
    // The first thing that a start opens.
    new EmbeddedStore({ directory, world: realWorld, onFatal: () => undefined }).close();
    await start();
  });
});
