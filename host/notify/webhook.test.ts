import { createHmac } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bridgeEvent } from '#host/events/bridge-event.ts';
import { openAuthority } from '#host/identity/authority.ts';
import { serverCredentials } from '#host/identity/server-certificate.ts';
import { WebhookReceiver } from '#host/testing/webhook-receiver.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { Webhook } from './webhook.ts';

const { source, type, examples } = RolloutChanged;
const [DETAIL] = examples;
const NOW_MS = 1_780_000_000_500;
const EVENT = bridgeEvent({ id: DETAIL?.id ?? '', source, type, detail: { ...DETAIL } }, NOW_MS);

let receiver: WebhookReceiver;
/** What waits for time to pass, which it does not by itself. */
let timers: Set<{ readonly delayMs: number; run(): void }>;
const world = {
  now: () => NOW_MS,
  after(delayMs: number, run: () => void) {
    const timer = { delayMs, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  },
};

beforeEach(async () => {
  timers = new Set();
  receiver = new WebhookReceiver();
  await receiver.listen();
});
afterEach(() => receiver.close());

function webhook(url = receiver.url, secret?: Uint8Array): Webhook {
  return new Webhook({ url: new URL(url), ...(secret && { secret }) }, 'localhost', world);
}

describe('a webhook', () => {
  it.each([200, 202, 204, 299])('has taken what it answers %i to', async (status) => {
    receiver.answer = () => status;
    await webhook().invoke(EVENT);
    expect(receiver.all).toHaveLength(1);
    expect(timers.size).toBe(0);
  });

  it.each([400, 404, 410, 429, 500, 503])('has not taken what it answers %i to', async (status) => {
    receiver.answer = () => status;
    await expect(webhook().invoke(EVENT)).rejects.toThrow(`the receiver answered ${status}`);
  });

  it('is not followed to where it redirects, and says nothing of its URL but the host', async () => {
    receiver.answer = () => (response) =>
      void response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end();
    const hook = webhook();
    const failure = await hook.invoke(EVENT).catch((error: unknown) => error);
    expect(String(failure)).toBe('Error: the receiver answered 307');
    expect(receiver.all).toHaveLength(1);
    await receiver.close();
    const refused = await hook.invoke(EVENT).catch((error: unknown) => error);
    expect((refused as Error).stack).toContain('ECONNREFUSED');
    expect(`${(refused as Error).stack} ${hook.name}`).not.toContain('s3cret');
  });

  it('is given up on when it does not answer in time', async () => {
    receiver.answer = () => undefined;
    const sent = webhook().invoke(EVENT);
    const outcome = expect(sent).rejects.toThrow('no answer within 10 s');
    await receiver.until((all) => all.length === 1);
    const [late] = timers;
    expect(late?.delayMs).toBe(10_000);
    late?.run();
    await outcome;
  });

  it('has taken it by its status, however long it goes on to talk', async () => {
    let sentBytes = 0;
    receiver.answer = () => (response) => {
      response.writeHead(200);
      const talk = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sentBytes += 16_384;
      };
      response.on('drain', talk);
      talk();
    };
    await webhook().invoke(EVENT);
    expect(sentBytes).toBeGreaterThan(0);
  });

  it('has taken it by its status, also where it does not end its answer in time', async () => {
    receiver.answer = () => (response) => {
      response.writeHead(200).write('x');
    };
    // Node tells when a client has read the head of an answer.
    const heads = new EventEmitter();
    const onHead = () => heads.emit('head');
    subscribe('http.client.response.finish', onHead);
    const [sent] = [webhook().invoke(EVENT), await once(heads, 'head')];
    unsubscribe('http.client.response.finish', onHead);
    for (const { run } of timers) run();
    await sent;
    expect(receiver.all).toHaveLength(1);
  });

  it('is cut off when the host stops, and everything that comes after that', async () => {
    receiver.answer = () => undefined;
    const hook = webhook();
    const sent = hook.invoke(EVENT);
    const outcome = expect(sent).rejects.toThrow('the host stops');
    await receiver.until((all) => all.length === 1);
    hook.close();
    await outcome;
    await expect(hook.invoke(EVENT)).rejects.toThrow('the host stops');
    expect(receiver.all).toHaveLength(1);
  });

  it('is signed as Standard Webhooks says, over id, time and body', async () => {
    const secret = Buffer.alloc(32, 9);
    await webhook(receiver.url, secret).invoke(EVENT);
    await webhook().invoke(EVENT);
    const [signed, unsigned] = receiver.all;
    const content = `${DETAIL?.id}.1780000000.${signed?.text}`;
    const signature = createHmac('sha256', secret).update(content).digest('base64');
    expect(signed?.headers).toMatchObject({
      'webhook-id': DETAIL?.id,
      'webhook-timestamp': '1780000000',
      'webhook-signature': `v1,${signature}`,
    });
    expect(unsigned?.headers).not.toHaveProperty('webhook-signature');
  });

  it('must show a certificate that this machine trusts', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-webhook-'));
    const authority = await openAuthority(directory, realWorld);
    const { key, cert } = await serverCredentials({
      directory,
      authority,
      names: ['localhost'],
      world: realWorld,
    });
    let asked = 0;
    const server = createServer({ key, cert }, (_request, response) => {
      asked += 1;
      response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const port = portOf(server);
      await expect(webhook(`https://localhost:${port}/`).invoke(EVENT)).rejects.toThrow(/certificate/);
      expect(asked).toBe(0);
    } finally {
      server.close();
      await rm(directory, { recursive: true });
    }
  });
});
