import { cp, mkdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedStore } from '#host/store/embedded-store.ts';
import { type ServedHost, type ServedHostOptions, startServedHost } from '#host/testing/served-host.ts';
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
  const start = async (options: Pick<ServedHostOptions, 'newSealKey'> = {}) => {
    again = await startServedHost({ root: ROOT, directory, ...options });
  };
  const restart = async (options: Pick<ServedHostOptions, 'newSealKey'> = {}) => {
    await again?.stop({ keep: true });
    await start(options);
  };

  /** Puts what another host has made in place of what is there. */
  async function takeFromAnother(name: string): Promise<void> {
    const other = await startServedHost({ root: ROOT });
    await other.stop({ keep: true });
    await rm(inside(name), { recursive: true });
    await cp(path.join(other.directory, name), inside(name), { recursive: true });
    await rm(other.directory, { recursive: true });
  }

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

  it('is not served with the authority of another host, which would lock every device out', async () => {
    await takeFromAnother('authority');
    await expect(start()).rejects.toThrow(ConfigurationError);
    await expect(start()).rejects.toThrow('every registered device would be locked out');
  });

  it('is not served with another sealing key until somebody says that this very key takes the place of a lost one', async () => {
    await takeFromAnother('secrets/seal.key');
    const refusal = await start().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refusal).toContain(`${inside('secrets/seal.key')} is not the key that seals the audit logs`);
    const newSealKey = /--new-seal-key ([0-9a-f]{64})/.exec(refusal)?.[1] ?? '';
    await expect(start({ newSealKey: 'f'.repeat(64) })).rejects.toThrow('--new-seal-key');
    await start({ newSealKey });
    expect(again?.serving.warnings).toEqual([
      expect.stringContaining(`with another key from here on (${newSealKey}`),
    ]);
    // Whoever leaves the option in the unit that starts the host lets in no other key.
    await restart({ newSealKey });
    expect(again?.serving.warnings).toEqual([]);
    await again?.stop({ keep: true });
    await takeFromAnother('secrets/seal.key');
    await expect(start({ newSealKey })).rejects.toThrow('is not the key that seals the audit logs');
  });

  describe('whose host was killed', () => {
    beforeEach(() => writeFile(inside('host.json'), '{}'));

    it('is not served without the log that its database had', async () => {
      await writeFile(inside('evenkeel.db-shm'), '');
      await expect(start()).rejects.toThrow(ConfigurationError);
      await expect(start()).rejects.toThrow(`${inside('evenkeel.db-wal')} is missing or empty`);
      // What the refusal says to do where the log is lost for good.
      await rm(inside('host.json'));
      await writeFile(inside('backup.json'), '{"v":1,"takenAtMs":1780000000000}');
      await start();
      expect(again?.serving.restoredFromMs).toBe(1_780_000_000_000);
    });

    it('is served with a warning where another program may have taken the log into the database', async () => {
      await start();
      expect(again?.serving.warnings).toEqual([expect.stringContaining('has not ended in order')]);
    });

    it('has nothing to warn of after a start that took the log into the database, and was refused for something else', async () => {
      await rename(inside('secrets/seal.key'), inside('seal.key'));
      await expect(start()).rejects.toThrow('seal.key is missing');
      await rename(inside('seal.key'), inside('secrets/seal.key'));
      await start();
      expect(again?.serving.warnings).toEqual([]);
    });

    it('is not begun anew on a database that holds nothing', async () => {
      await rm(inside('evenkeel.db'));
      new EmbeddedStore({ directory, world: realWorld, onFatal: () => undefined }).close();
      await expect(start()).rejects.toThrow('holds nothing, but host.json beside it says that it was served');
    });
  });

  it('has no file that says it serves, and no log, after it has ended in order', async () => {
    for (const name of ['host.json', 'evenkeel.db-wal'])
      await expect(stat(inside(name))).rejects.toMatchObject({ code: 'ENOENT' });
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
