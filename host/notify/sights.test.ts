import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeBackupNote } from '#host/backup/backup-note.ts';
import { readServices } from '#host/serverless/read-services.ts';
import { UNREAD_LOG_BYTES } from '#host/store/checkpoints-beside.ts';
import { startServedHost } from '#host/testing/served-host.ts';
import { startTestHost } from '#host/testing/test-host.ts';
import { type Received, WebhookReceiver } from '#host/testing/webhook-receiver.ts';
import { ageSight, counterSights, deadLetterSight, diskSight, longLogSight, streamSight } from './sights.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('what a host sees of itself', () => {
  it('are the counters that have an alarm on AWS and no event, in the words of the alarm', async () => {
    const alarms = readServices({ root: ROOT, stage: 'test' }).services.flatMap((one) => one.alarms);
    const metrics: Record<string, number> = {};
    const sights = counterSights(alarms, () => metrics);
    expect(sights.map(({ name, minutes }) => ({ name, minutes }))).toEqual([
      { name: 'RolloutNotLookedAt', minutes: 5 },
      { name: 'SilenceClockStopped', minutes: 15 },
      { name: 'DeviceQuarantined', minutes: 1 },
    ]);
    const [, , quarantined] = sights;
    expect(await quarantined?.look()).toBeUndefined();
    metrics.DeviceQuarantined = 2;
    expect(await quarantined?.look()).toContain('`evenkeel device quarantined` lists them');
    expect(await quarantined?.look()).toBeUndefined();
  });

  it('is a dead-letter queue where letters have come to lie, not where they still lie or have gone', async () => {
    let messages = 2;
    const sight = deadLetterSight('reports-dead', { unread: async () => ({ messages }) });
    expect(await sight.look()).toContain('2 dead letters lie in reports-dead');
    expect(await sight.look()).toBeUndefined();
    messages = 0;
    expect(await sight.look()).toBeUndefined();
    messages = 1;
    expect(await sight.look()).toContain('1 dead letters lie in reports-dead');
  });

  it('is a queue whose oldest message has waited for more than two deliveries, and five minutes at least', async () => {
    let oldestAgeMs = 0;
    const queue = { unread: async () => ({ messages: 7, oldestAgeMs }) };
    const [quick, slow] = [ageSight('reports', queue, 30), ageSight('reports', queue, 600)];
    expect(quick).toMatchObject({ name: 'reports-age', minutes: 3 });
    const seen = async (ageMs: number) => {
      oldestAgeMs = ageMs;
      return [await quick.look(), await slow.look()].map((words) => words !== undefined);
    };
    expect(await seen(300_000)).toEqual([false, false]);
    expect(await seen(300_001)).toEqual([true, false]);
    expect(await seen(1_200_000)).toEqual([true, false]);
    expect(await seen(1_200_001)).toEqual([true, true]);
    expect(await slow.look()).toContain('7 messages in reports has waited for more than 20 minutes');
  });

  it('is a function behind a change stream that is more than a minute behind, for five minutes', async () => {
    const stream = { oldestAgeMs: 0 };
    const sight = streamSight('rollout-orchestrator', 'sealAudit', stream);
    expect(sight).toMatchObject({ name: 'rollout-orchestrator-sealAudit-lag', minutes: 5 });
    stream.oldestAgeMs = 60_000;
    expect(await sight.look()).toBeUndefined();
    stream.oldestAgeMs = 720_000;
    expect(await sight.look()).toMatch(
      /^sealAudit of rollout-orchestrator is 12 minutes behind: what is decided is not sealed/,
    );
  });

  it('are all functions behind change streams, by the names that their alarms have on AWS', async () => {
    const host = await startTestHost({});
    try {
      const names = host.host.triggers.streams.map(({ functionName }) => functionName);
      expect(names.sort()).toEqual(
        ['device-registry', 'firmware-storage', 'rollout-orchestrator'].flatMap((service) =>
          ['relayOutbox', 'sealAudit'].map((key) => `${service}-test-${key}`),
        ),
      );
    } finally {
      await host.stop();
    }
  });

  it('is a log of the database that is longer than one that nobody reads', async () => {
    let bytes = UNREAD_LOG_BYTES;
    const sight = longLogSight(async () => bytes);
    expect(await sight.look()).toBeUndefined();
    bytes = 400_000_000;
    expect(await sight.look()).toContain('has grown to 400 MB');
  });

  it('is a disk with less than a gigabyte left, before it is full', async () => {
    let free = 1_000_000_000;
    const sight = diskSight(async () => free);
    expect(sight).toMatchObject({ name: 'disk-room', minutes: 1 });
    expect(await sight.look()).toBeUndefined();
    free = 999_999_999;
    expect(await sight.look()).toContain('999 MB left');
  });

  it('is that it serves a backup: told at the first start on it alone', async () => {
    const receiver = new WebhookReceiver();
    await receiver.listen();
    const services = ['rollout-orchestrator'];
    const before = await startServedHost({ services });
    const { directory } = before;
    await before.stop({ keep: true });
    await writeBackupNote(directory, { v: 1, takenAtMs: 0 });
    const notify = { url: new URL(receiver.url) };
    try {
      for (let start = 1; start <= 2; start++) {
        const host = await startServedHost({ services, directory, notify });
        await receiver.until((all) => all.filter(({ body }) => body.what === 'host-started').length >= start);
        await host.stop({ keep: true });
      }
      const starts = receiver.all.filter(({ body }) => body.what === 'host-started');
      expect(starts[0]?.body).toMatchObject({ needsPerson: true, restoredFrom: '1970-01-01T00:00:00.000Z' });
      expect(starts[1]?.body).toMatchObject({ needsPerson: false });
      expect(starts[1]?.body).not.toHaveProperty('restoredFrom');
    } finally {
      await receiver.close();
      await rm(directory, { recursive: true });
    }
  });

  it('is told from the first look on: letters from before the start', async () => {
    const receiver = new WebhookReceiver();
    await receiver.listen();
    const before = await startServedHost({ services: ['rollout-orchestrator'] });
    await before.serving.host.resources.queue('evenkeel-test-orchestrator-dead').send([{ body: 'a letter' }]);
    await before.stop({ keep: true });
    const notify = { url: new URL(receiver.url) };
    const { directory } = before;
    const after = await startServedHost({ services: ['rollout-orchestrator'], directory, notify });
    try {
      const isLetter = ({ body }: Received) => body.trouble === 'orchestrator-dead';
      const told = await receiver.until((all) => all.some(isLetter));
      expect(told[0]?.body).toMatchObject({ what: 'host-started', needsPerson: false });
      expect(told.find(isLetter)?.body).toMatchObject({ what: 'trouble', needsPerson: true });
    } finally {
      await after.stop({ keep: true });
      await receiver.close();
      await rm(directory, { recursive: true });
    }
  });
});
