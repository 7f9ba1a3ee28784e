import { createPrivateKey } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type OpenLocalIdentity, openIdentity } from '#host/testing/open-identity.ts';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';
import { nameOf } from '#shared/x509/name.ts';
import { toPem } from '#shared/x509/pem.ts';
import { openAuthority } from './authority.ts';
import { signCertificate } from './certificate.ts';
import { forDevice } from './certificate-extensions.ts';
import { certificateIdOf, LocalIdentity } from './local-identity.ts';
import { serverCredentials } from './server-certificate.ts';

describe('a TLS server with the certificates of the home', () => {
  let opened: OpenLocalIdentity;
  let server: Server;
  beforeEach(async () => {
    opened = await openIdentity();
    const { authority, directory, registry } = opened;
    const credentials = await serverCredentials({ directory, authority, names: [], world: realWorld });
    const options = { ...credentials, ca: authority.pem, requestCert: true, rejectUnauthorized: true };
    server = createServer(options, (socket) => {
      const certificateId = certificateIdOf(socket.getPeerCertificate().raw);
      socket.end(JSON.stringify(registry.find(certificateId)));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await opened.close();
  });

  /** Connects to the server by `host` and answers what it says of this device, or `turned away`. */
  async function ask(
    device: IssuedCertificate | undefined,
    trusted: string,
    host = 'localhost',
  ): Promise<unknown> {
    const port = portOf(server);
    const credentials = device && { cert: device.certificatePem, key: device.privateKeyPem };
    const socket: TLSSocket = connect({ port, host, ca: trusted, ...credentials });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    return new Promise((resolve, reject) => {
      // In TLS 1.3 the client is through with the handshake before the server has looked at its certificate.
      socket.on('error', (error) => (socket.authorized ? resolve('turned away') : reject(error)));
      socket.on('close', () => {
        resolve(chunks.length === 0 ? 'turned away' : JSON.parse(Buffer.concat(chunks).toString()));
      });
    });
  }

  test('lets a device in that was registered while the clock of the host was a month ahead, once it is right', async () => {
    const { directory, registry } = opened;
    const ahead = { ...realWorld, now: () => realWorld.now() + 30 * 24 * 60 * 60 * 1000 };
    const authority = await openAuthority(directory, ahead);
    const identity = new LocalIdentity({
      authority,
      registry,
      endpoint: 'localhost:8883',
      onRevoked: async () => undefined,
    });
    const device = await identity.issue({ thing: 'acme:cam-1', attributes: {} });
    expect(await ask(device, device.authorityPem)).toMatchObject({ thing: 'acme:cam-1', status: 'active' });
  });

  test.each(['localhost', '127.0.0.1', '::1'])(
    'lets a device in that calls it %s, and knows it',
    async (host) => {
      const device = await opened.identity.issue({ thing: 'acme:cam-1', attributes: {} });
      expect(await ask(device, device.authorityPem, host)).toMatchObject({
        thing: 'acme:cam-1',
        status: 'active',
      });
    },
  );

  test('knows a device whose certificate was revoked as such', async () => {
    const device = await opened.identity.issue({ thing: 'acme:cam-1', attributes: {} });
    await opened.identity.revoke('acme:cam-1', device.certificateId);
    expect(await ask(device, device.authorityPem)).toMatchObject({ thing: 'acme:cam-1', status: 'revoked' });
  });

  test('lets nobody in with a certificate of another home', async () => {
    const other = await openIdentity();
    const foreign = await other.identity.issue({ thing: 'acme:cam-1', attributes: {} });
    expect(await ask(foreign, opened.authority.pem)).toBe('turned away');
    await other.close();
  });

  test('lets nobody in for whom only a device vouches', async () => {
    const device = await opened.identity.issue({ thing: 'acme:cam-1', attributes: {} });
    const { publicKey, privateKey } = await newKeyPair();
    const der = signCertificate(
      {
        commonName: 'acme:cam-2',
        keyInfo: publicKey.export({ type: 'spki', format: 'der' }),
        notBeforeMs: realWorld.now() - 1000,
        notAfterMs: realWorld.now() + 60_000,
        serial: realWorld.randomBytes(16),
        extensions: forDevice(),
      },
      { name: nameOf('acme:cam-1'), key: createPrivateKey(device.privateKeyPem ?? '') },
    );
    const forged = {
      ...device,
      certificatePem: toPem('CERTIFICATE', der) + device.certificatePem,
      privateKeyPem: keyToPem(privateKey),
    };
    expect(await ask(forged, opened.authority.pem)).toBe('turned away');
  });

  test('lets nobody in without a certificate', async () => {
    expect(await ask(undefined, opened.authority.pem)).toBe('turned away');
  });

  test('is not trusted by a device of another home', async () => {
    const other = await openIdentity();
    const device = await opened.identity.issue({ thing: 'acme:cam-1', attributes: {} });
    await expect(ask(device, other.authority.pem)).rejects.toThrow(/verify|self-signed|issuer/);
    await other.close();
  });
});
