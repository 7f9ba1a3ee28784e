import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectAsync, type MqttClient } from 'mqtt';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';
import { HOST_FILE, HostFile } from '#shared/contracts/host-file.ts';
import { type ServedHost, startServedHost } from './testing/served-host.ts';

const ROOT = path.join(import.meta.dirname, 'testing/fixtures/parrot');
const THING = 'acme:cam-1';

const running: ServedHost[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map((host) => host.stop()));
});

async function startIn(directory?: string): Promise<ServedHost> {
  const host = await startServedHost({ root: ROOT, ...(directory !== undefined && { directory }) });
  running.push(host);
  return host;
}

async function end(host: ServedHost): Promise<void> {
  running.splice(running.indexOf(host), 1);
  await host.stop({ keep: true });
}

async function itemOf(host: ServedHost, pk: string, sk: string) {
  const table = host.serving.host.resources.table('evenkeel-test-words');
  return (await table.get([{ pk, sk }], { consistent: true }))[0];
}

/** Looks again until it is so; the deadline is the test's own. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A host in a process of its own, to be killed. */
async function spawnIn(directory: string): Promise<{ child: ChildProcess; file: HostFile }> {
  const script = path.join(import.meta.dirname, 'testing/serve-until-killed.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ROOT, directory], {
    stdio: 'ignore',
    // What jest sets for itself is not for that process.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  children.push(child);
  const file = await until(async () => {
    if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
    const text = await readFile(path.join(directory, HOST_FILE), 'utf8').catch(() => '');
    return text === '' ? undefined : HostFile.parse(JSON.parse(text));
  });
  return { child, file };
}

async function connectTo({ mqttPort }: HostFile, certificate: IssuedCertificate): Promise<MqttClient> {
  const client = await connectAsync(`mqtts://localhost:${mqttPort}`, {
    clientId: THING,
    cert: certificate.certificatePem,
    key: certificate.privateKeyPem ?? '',
    ca: certificate.authorityPem,
    reconnectPeriod: 0,
  });
  client.on('error', () => undefined);
  return client;
}

/** So many lifecycle events of one kind, with all that were there by then, taken out of their queue. */
async function lifecycleOf(host: ServedHost, kind: 'connected' | 'disconnected', count: number) {
  const queue = host.serving.host.resources.queue('evenkeel-test-presence');
  const seen: Record<string, unknown>[] = [];
  await until(async () => {
    for (const { body, receiptHandle } of await queue.receive(100, 600)) {
      seen.push(JSON.parse(body));
      await queue.remove([receiptHandle]);
    }
    return seen.filter(({ eventType }) => eventType === kind).length >= count || undefined;
  });
  return seen;
}

describe('a host that ends and begins again', () => {
  it('tells nobody of an interruption at its first start, and everybody at the next, before devices are heard', async () => {
    const first = await startIn();
    expect(await itemOf(first, 'hearing', 'hearing')).toBeUndefined();
    const endedMs = Date.now();
    await end(first);
    const second = await startIn(first.directory);
    const told = await itemOf(second, 'hearing', 'hearing');
    expect(Number(told?.fromMs)).toBeGreaterThanOrEqual(endedMs);
    expect(Number(told?.untilMs)).toBeLessThanOrEqual(Date.now());
    const messages = second.lines.map(({ message }) => message);
    expect(messages.indexOf('devices were not heard')).toBeLessThan(messages.indexOf('serving'));
  });

  it('keeps tokens, authority and certificates', async () => {
    const first = await startIn();
    const certificate = await first.issue(THING);
    await end(first);
    const second = await startIn(first.directory);
    const client = await second.connect(THING, certificate);
    expect(client.connected).toBe(true);
    expect((await second.https('POST', '/words/ahoi')).status).toBe(201);
  });

  it('lets no second process into its directory', async () => {
    const host = await startIn();
    await expect(startIn(host.directory)).rejects.toThrow(/another process uses .*: stop it first/);
  });

  it('loses nothing that it acknowledged when it is killed, and goes on with it', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-killed-'));
    try {
      const before = await startServedHost({ root: ROOT, directory });
      const certificate = await before.issue(THING);
      await before.stop({ keep: true });

      const { child, file } = await spawnIn(directory);
      const client = await connectTo(file, certificate);
      const acknowledged: string[] = [];
      const sending = Array.from({ length: 100 }, (_, n) => `word-${n}`).map(async (word) => {
        await client.publishAsync(upTopic(THING, 'report'), JSON.stringify({ word }), { qos: 1 });
        acknowledged.push(word);
        // In the middle: some are acknowledged, some are not, and the batch window of the function has not ended.
        if (acknowledged.length === 60) child.kill('SIGKILL');
      });
      void Promise.allSettled(sending);
      await once(child, 'exit');
      await client.endAsync(true);
      expect(acknowledged.length).toBeGreaterThanOrEqual(60);

      const after = await startIn(directory);
      for (const word of acknowledged) await until(() => itemOf(after, THING, word));
    } finally {
      await Promise.all(running.splice(0).map((host) => host.stop({ keep: true })));
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('tells that a session is over when it was killed in the middle of it, once', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-killed-'));
    try {
      const before = await startServedHost({ root: ROOT, directory });
      const certificate = await before.issue(THING);
      const passing = await before.connect(THING, certificate);
      await passing.endAsync();
      const [first] = await lifecycleOf(before, 'disconnected', 1);
      await before.stop({ keep: true });

      const { child, file } = await spawnIn(directory);
      const client = await connectTo(file, certificate);
      await client.publishAsync(upTopic(THING, 'report'), '{"word":"here"}', { qos: 1 });
      child.kill('SIGKILL');
      await once(child, 'exit');
      const killedMs = Date.now();
      await client.endAsync(true);

      const after = await startIn(directory);
      const again = await after.connect(THING, certificate);
      await again.endAsync();
      const told = await lifecycleOf(after, 'disconnected', 2);
      const sessionsOf = (kind: string) =>
        told.filter(({ eventType }) => eventType === kind).map(({ sessionIdentifier }) => sessionIdentifier);
      expect(sessionsOf('connected')).toHaveLength(2);
      expect(sessionsOf('disconnected').toSorted()).toEqual(sessionsOf('connected').toSorted());
      expect(sessionsOf('disconnected')).not.toContain(first?.sessionIdentifier);
      const lost = told.find(({ disconnectReason }) => disconnectReason === 'CONNECTION_LOST');
      expect(lost).toMatchObject({ clientId: THING, clientInitiatedDisconnect: false });
      expect(Number(lost?.timestamp)).toBeLessThanOrEqual(killedMs);

      await end(after);
      const last = await startIn(directory);
      await (await last.connect(THING, certificate)).endAsync();
      expect(await lifecycleOf(last, 'disconnected', 1)).toHaveLength(2);
    } finally {
      await Promise.all(running.splice(0).map((host) => host.stop({ keep: true })));
      await rm(directory, { recursive: true, force: true });
    }
  });
});
