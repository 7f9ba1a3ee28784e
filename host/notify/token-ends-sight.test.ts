import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { startServedHost } from '#host/testing/served-host.ts';
import { WebhookReceiver } from '#host/testing/webhook-receiver.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { AccessTokens, type HeldToken } from '../access/access-tokens.ts';
import { tokenEndsSight } from './token-ends-sight.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MADE_MS = Date.UTC(2026, 10, 27);
const held = (sub: string, days: number): HeldToken => ({
  tenant: 'acme',
  sub,
  role: 'approver',
  span: { fromMs: MADE_MS, toMs: MADE_MS + days * DAY_MS },
});

function watched(tokens: readonly HeldToken[]) {
  const clock = { nowMs: MADE_MS };
  const sight = tokenEndsSight(
    async () => tokens,
    () => clock.nowMs,
  );
  const onDay = (day: number) => {
    clock.nowMs = MADE_MS + day * DAY_MS;
    return sight.look();
  };
  return { sight, onDay };
}

test('an end is told a week and a day before, each once, with who it is', async () => {
  const { sight, onDay } = watched([
    held('bob', 90),
    { tenant: 'acme', sub: 'admin', role: 'admin' },
    held('ci', 0.1),
  ]);
  expect(sight).toMatchObject({ name: 'token-ends', minutes: 1 });
  expect(await onDay(0)).toBeUndefined();
  expect(await onDay(82.9)).toBeUndefined();
  expect(await onDay(83)).toMatch(
    /^tokens of people end: bob \(acme, approver\) on 2027-02-25T00:00:00\.000Z\. .*npm run token -- --help$/,
  );
  expect(await onDay(84)).toBeUndefined();
  expect(await onDay(89)).toMatch(/bob \(acme, approver\)/);
  expect(await onDay(89.5)).toBeUndefined();
  expect(await onDay(90)).toBeUndefined();
});

test('whoever comes near is told with all who are near, the nearest first, ten of them by name', async () => {
  const many = Array.from({ length: 12 }, (_, at) => held(`p${at}`, 101 - at / 10));
  const { onDay } = watched([...many, held('bob', 90)]);
  expect(await onDay(83)).toMatch(/^tokens of people end: bob \(acme, approver\) on [^;]+\. From/);
  expect(await onDay(95)).toMatch(/^tokens of people end: p11 .*; p10 .*; p2 [^;]*; and 2 more\. From/);
});

test('a host tells whoever it notifies', async () => {
  const receiver = new WebhookReceiver();
  await receiver.listen();
  const services = ['rollout-orchestrator'];
  const before = await startServedHost({ services });
  const { directory } = before;
  await before.stop({ keep: true });
  const tokens = await AccessTokens.open(path.join(directory, 'secrets'), {
    tenant: 'acme',
    world: realWorld,
  });
  const span = { fromMs: Date.now() - 80 * DAY_MS, toMs: Date.now() + 2 * DAY_MS };
  await tokens.issue({ ...held('bob', 90), span });
  const host = await startServedHost({ services, directory, notify: { url: new URL(receiver.url) } });
  try {
    const told = await receiver.until((all) => all.some(({ body }) => body.trouble === 'token-ends'));
    expect(told.find(({ body }) => body.trouble === 'token-ends')?.body).toMatchObject({
      what: 'trouble',
      needsPerson: true,
      text: expect.stringContaining(`bob (acme, approver) on ${new Date(span.toMs).toISOString()}`),
    });
  } finally {
    await host.stop({ keep: true });
    await receiver.close();
    await rm(directory, { recursive: true });
  }
});
