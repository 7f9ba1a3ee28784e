import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { certificateSight } from '#host/notify/sights.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { newKeyPair } from '#shared/x509/key-pair.ts';
import { openAuthority } from './authority.ts';
import { renewServerCertificate, serverCredentials } from './server-certificate.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let directory: string;
let world: VirtualWorld;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-authority-'));
  world = new VirtualWorld();
});
afterEach(() => rm(directory, { recursive: true }));

const path = (name: string) => join(directory, name);

async function openServer(names: string[] = []) {
  const authority = await openAuthority(directory, world);
  const options = { directory, authority, names, world };
  return { options, credentials: await serverCredentials(options) };
}

describe('the authority of a home', () => {
  test('is made once, and is the same when the home starts again', async () => {
    const { pem } = await openAuthority(directory, world);
    expect((await openAuthority(directory, world)).pem).toBe(pem);
  });

  test('keeps its keys where only their owner reads them', async () => {
    await chmod(directory, 0o755);
    await openServer();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await readdir(directory)).sort()).toEqual([
      'ca.key.pem',
      'ca.pem',
      'server.key.pem',
      'server.pem',
    ]);
    for (const name of ['ca.key.pem', 'server.key.pem']) {
      expect((await stat(path(name))).mode & 0o777).toBe(0o600);
    }
  });

  test('goes on under its name when a crash left only its key', async () => {
    const { options, credentials } = await openServer();
    await rm(path('ca.pem'));
    const again = await openAuthority(directory, world);
    expect(again.hasSigned(new X509Certificate(credentials.cert))).toBe(true);
    expect(options.authority.hasSigned(new X509Certificate(credentials.cert))).toBe(true);
  });

  test.each(['ca.key.pem', 'ca.pem'])(
    'does not start when %s is damaged, and leaves it as it is',
    async (name) => {
      await openAuthority(directory, world);
      await writeFile(path(name), 'damaged');
      await expect(openAuthority(directory, world)).rejects.toBeInstanceOf(ConfigurationError);
      expect(await readFile(path(name), 'utf8')).toBe('damaged');
    },
  );

  test('does not start with the key of another, or without its key', async () => {
    await openServer();
    await writeFile(path('ca.key.pem'), await readFile(path('server.key.pem')));
    await expect(openAuthority(directory, world)).rejects.toBeInstanceOf(ConfigurationError);
    await rm(path('ca.key.pem'));
    await expect(openAuthority(directory, world)).rejects.toBeInstanceOf(ConfigurationError);
  });

  test('says two years ahead that it ends, and when', async () => {
    const authority = await openAuthority(directory, world);
    expect(authority.endWarning()).toBeUndefined();
    await world.advance(27 * 365 * DAY_MS);
    expect(authority.endWarning()).toBeUndefined();
    await world.advance(2 * 365 * DAY_MS);
    expect((await openAuthority(directory, world)).endWarning()).toMatch(
      /ca\.pem ends on \d{4}-\S+, and this machine says that it is \d{4}-\S+: set the clock/,
    );
  });

  test('does not start after its end', async () => {
    await openAuthority(directory, world);
    await world.advance(31 * 365 * DAY_MS);
    await expect(openAuthority(directory, world)).rejects.toThrow(
      /has ended on .* clock of this machine says \d{4}-\S+: set it where it is wrong; else/,
    );
  });

  test('does not start before its beginning, when nobody could get in, and says that the clock is wrong', async () => {
    await openAuthority(directory, world);
    world = new VirtualWorld('no battery', 10_000);
    await expect(openAuthority(directory, world)).rejects.toThrow(
      'clock of this machine says 1970-01-01T00:00:10',
    );
  });

  test('signs for devices until the end of 2049, as AWS IoT does, but never beyond its own end', async () => {
    const { publicKey } = await newKeyPair();
    const endOf = async () => {
      const { pem } = (await openAuthority(directory, world)).signForDevice('acme:cam-1', publicKey);
      return new X509Certificate(pem).validToDate;
    };
    expect(await endOf()).toEqual(new Date('2049-12-31T23:59:59Z'));
    await rm(path('ca.pem'));
    world = new VirtualWorld('early', Date.UTC(2015, 0, 1));
    expect(await endOf()).toEqual(new X509Certificate(await readFile(path('ca.pem'))).validToDate);
  });
});

describe("the home's server certificate", () => {
  test('is good for the names of this machine and those it was given', async () => {
    const { credentials } = await openServer(['ship.example', '10.1.2.3', 'fd00::12']);
    const certificate = new X509Certificate(credentials.cert);
    for (const host of ['localhost', 'ship.example']) expect(certificate.checkHost(host)).toBe(host);
    for (const ip of ['127.0.0.1', '::1', '10.1.2.3', 'fd00::12']) expect(certificate.checkIP(ip)).toBe(ip);
    expect(certificate.checkHost('other.example')).toBeUndefined();
  });

  test('is kept as long as it is good', async () => {
    const { credentials } = await openServer();
    await world.advance(366 * DAY_MS);
    expect((await openServer()).credentials).toEqual(credentials);
  });

  test('is renewed when it has no month left', async () => {
    const { credentials } = await openServer();
    await world.advance(368 * DAY_MS);
    const renewed = (await openServer()).credentials;
    expect(renewed.cert).not.toBe(credentials.cert);
    expect(new X509Certificate(renewed.cert).validToDate.getTime()).toBeGreaterThan(
      world.now() + 390 * DAY_MS,
    );
  });

  test('is renewed when it was made while the clock was ahead', async () => {
    const today = world;
    await openAuthority(directory, world);
    world = new VirtualWorld('ahead', Date.UTC(2028, 0, 1));
    const { credentials } = await openServer();
    world = today;
    const renewed = new X509Certificate((await openServer()).credentials.cert);
    expect(renewed.toString()).not.toBe(credentials.cert);
    expect(renewed.validFromDate.getTime()).toBeLessThan(world.now());
  });

  test('is renewed when the home gets another name', async () => {
    const { credentials } = await openServer();
    expect((await openServer(['ship.example'])).credentials).not.toEqual(credentials);
  });

  test('is renewed when the authority is another', async () => {
    const { credentials } = await openServer();
    await rm(path('ca.key.pem'));
    await rm(path('ca.pem'));
    expect((await openServer()).credentials.cert).not.toBe(credentials.cert);
  });

  test('is renewed when a crash left a key that is not its own', async () => {
    const { credentials } = await openServer();
    await writeFile(path('server.key.pem'), await readFile(path('ca.key.pem')));
    const renewed = (await openServer()).credentials;
    expect(renewed.cert).not.toBe(credentials.cert);
    expect(
      new X509Certificate(renewed.cert).checkIssued(new X509Certificate(await readFile(path('ca.pem')))),
    ).toBe(true);
  });

  test('is handed on once when it was renewed in a home that goes on', async () => {
    const { options, credentials } = await openServer();
    const renewals: string[] = [];
    const faults: unknown[] = [];
    const rounds = renewServerCertificate(
      options,
      credentials,
      ({ cert }) => renewals.push(cert),
      (error) => faults.push(error),
    );
    for (let day = 0; day < 375; day++) {
      await rounds.idle();
      await world.advance(DAY_MS);
    }
    await rounds.stop();
    expect(renewals).toEqual([(await openServer()).credentials.cert]);
    expect(renewals).not.toContain(credentials.cert);
    expect(faults).toEqual([]);
  });

  test('that cannot be renewed is told of until it can', async () => {
    const { options, credentials } = await openServer();
    const faults: unknown[] = [];
    const renewal = renewServerCertificate(
      options,
      credentials,
      () => undefined,
      (error) => faults.push(error),
    );
    const sight = certificateSight(renewal);
    await renewal.idle();
    expect(await sight.look()).toBeUndefined();
    await writeFile(path('server.key.pem'), 'what a bad disk left');
    await world.advance(DAY_MS / 24);
    await renewal.idle();
    expect(faults).not.toEqual([]);
    const end = new X509Certificate(credentials.cert).validToDate.toISOString();
    expect(await sight.look()).toContain(`cannot be renewed. It ends on ${end}`);
    await rm(path('server.key.pem'));
    await world.advance(DAY_MS / 24);
    await renewal.idle();
    expect(await sight.look()).toBeUndefined();
    await renewal.stop();
  });

  test.each(['not a name', 'a..b', '-a.example', '10.1.2.3:443', '[::1]', ''])(
    'cannot be for %j',
    async (name) => {
      await expect(openServer([name])).rejects.toBeInstanceOf(ConfigurationError);
    },
  );
});
