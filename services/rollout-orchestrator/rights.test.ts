import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { documentSha256 } from '#shared/contracts/document-sha256.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { quickDocument } from './testing/documents.ts';
import { draftAndLaunch } from './testing/draft-and-launch.ts';
import { nextId } from './testing/next-id.ts';
import { publishRelease } from './testing/releases.ts';
import { ScriptedDevice } from './testing/scripted-device.ts';

/** Rights that no small story uses, each with its reason. */
const KEPT = [
  // Only what the queue of the raw log did not take (apply-reports/handler.test.ts).
  'rollout-orchestrator-test-applyReports: sqs:SendMessage on evenkeel-test-orchestrator-dead',
  // Here devices speak one after the other; test/aws reads several at once.
  'rollout-orchestrator-test-explainDevice: dynamodb:BatchGetItem on table/evenkeel-test-rollouts',
  'rollout-orchestrator-test-applyReports: dynamodb:BatchGetItem on table/evenkeel-test-rollouts',
  // Only a fleet that takes longer to count than one invocation may goes on in a further message.
  'rollout-orchestrator-test-countMembers: sqs:SendMessage on evenkeel-test-members',
  // Here nothing that a device says is refused (stories/hostile-devices.test.ts), and no window is full for one that would begin at once
  // (stories/direct.test.ts).
  'rollout-orchestrator-test-applyReports: iot:Publish on topic/ek/*/refused',
  'rollout-orchestrator-test-requestPermit: iot:Publish on topic/ek/*/refused',
  'rollout-orchestrator-test-requestPermit: iot:Publish on topic/ek/*/offer',
  // No draft is counted again here (stories/preview.test.ts).
  'rollout-orchestrator-test-countDraft: dynamodb:BatchGetItem on table/evenkeel-test-rollouts',
  'rollout-orchestrator-test-countDraft: dynamodb:GetItem on table/evenkeel-test-rollouts',
  'rollout-orchestrator-test-countDraft: dynamodb:UpdateItem on table/evenkeel-test-rollouts',
  'rollout-orchestrator-test-countDraft: sqs:SendMessage on evenkeel-test-members',
];
const QUICK = { silentAfter: '10m', suspectAtLeast: '10s' };
const SCOPE = { services: ['rollout-orchestrator'] };

describe('rights of the functions', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startTestHost(SCOPE);
    await everythingOnce(host);
  });

  afterAll(async () => {
    await host.stop();
  });

  test('none is unused by a rollout that sees everything once', () => {
    const unused = host.unusedRights().map((right) => right.replace(/ on .*:/, ' on '));
    expect(unused.sort()).toEqual(KEPT.toSorted());
  });

  test('nothing lies in a dead-letter queue', async () => {
    expect(await host.deadLetters()).toEqual([]);
  });
});

/** A story in which every function does everything that it can. */
async function everythingOnce(host: TestHost): Promise<void> {
  await interruptHearing(host);
  const devices = Array.from({ length: 40 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
  for (const device of devices) await device.register();
  await devices[0]?.register({ entityVersion: 2, tags: ['beta'] });
  await publishRelease(host, '1.1.0', 2);
  const [first] = devices as [ScriptedDevice];

  const rollout = await launch(host, 'cam/1.1.0', {
    halt: QUICK,
    holdOut: { share: '0.0001%', for: '1s' },
  });
  await host.http('GET', '/rollouts');
  await host.http('GET', `/rollouts/${rollout}`);
  await host.http('GET', `/rollouts/${rollout}/cost`);
  await host.http('GET', `/rollouts/${rollout}/audit`);
  await host.http('GET', '/audit/seals/rollouts');
  await host.http('POST', `/rollouts/${rollout}/advance`, { reason: 'in a hurry' });
  for (const device of devices) await device.check();
  for (const device of devices) await device.requestPermit('cam/1.1.0', false);
  await host.settle();
  const granted = devices.filter((device) => device.takePermit()?.answer === 'granted');
  for (const device of granted.slice(0, 3)) {
    if (await device.install('1.1.0')) device.boots('1.1.0');
    await device.check();
  }
  await host.advance(60_000);
  await host.http('GET', `/devices/${first.deviceId}/why`);
  await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'lunch' });
  await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'back' });
  await interruptHearing(host, { restoredFromMs: host.world.now() });
  await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'nothing is missing' });
  const [failed, ...others] = granted.slice(3, 6) as [ScriptedDevice, ...ScriptedDevice[]];
  for (const device of [failed, ...others]) await device.report('failed', '1.1.0', 'flash-write');
  await granted[6]?.install('1.1.0');
  const excuse = { devices: [failed.deviceId], reasons: ['flash-write'] };
  const resumed = await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'bad cable', excuse });
  expect(resumed).toMatchObject({ status: 200 });
  await host.advance(7_200_000);
  await host.http('GET', `/rollouts/${rollout}/devices`);

  const late = new ScriptedDevice(host, 'cam-late');
  await late.register();
  await publishRelease(host, '1.2.0', 3);
  await launch(host, 'cam/1.2.0', { permits: 'direct', stages: [{ name: 'all', percent: 100 }] });
  expect(await late.checkToBegin(1)).toMatchObject({ answer: 'granted' });
  await host.advance(60_000);

  for (const leaves of ['released', 'registered anew']) {
    await late.isCloned();
    if (leaves === 'released')
      await host.http('POST', `/devices/${late.deviceId}/release-from-quarantine`, { reason: 'wiped' });
    else await late.register({ entityVersion: 2, registeredAtMs: host.world.now() });
  }
  await host.http('GET', '/quarantine');
  await host.http('GET', '/fleet');
  await host.http('GET', `/devices/${late.deviceId}/quarantine/audit`);
  await host.advance(60_000);

  const document = quickDocument('cam/1.1.0', { approvals: 1 });
  const draft = await host.http('POST', '/rollouts', { document });
  // A decision that is sealed alone; those above came several at once.
  await host.advance(60_000);
  const body = { documentSha256: documentSha256(draft.body.document) };
  await host.http('POST', `/rollouts/${draft.body.rollout}/approvals`, body, { name: 'bob' });
  await host.http('POST', `/rollouts/${draft.body.rollout}/abort`, { reason: 'a mistake' });
  await host.http('GET', '/rollouts');
  const revoked = {
    id: nextId(),
    v: 1,
    tenant: 'acme',
    atMs: host.world.now(),
    product: 'cam',
    version: '1.1.0',
    sequence: 2,
    reason: 'erases calibration',
  };
  const event = { source: ReleaseRevoked.source, 'detail-type': ReleaseRevoked.type, detail: revoked };
  await host.invoke('onReleaseRevoked', event);
  await host.advance(7_200_000);
}

async function interruptHearing(
  host: TestHost,
  restored: { readonly restoredFromMs?: number } = {},
): Promise<void> {
  const { source, type } = HearingInterrupted;
  const untilMs = host.world.now();
  const detail = {
    id: nextId(),
    v: 1,
    tenant: 'evenkeel',
    atMs: untilMs,
    fromMs: untilMs,
    untilMs,
    ...restored,
  };
  await host.invoke('onHearingInterrupted', { source, 'detail-type': type, detail });
}

function launch(host: TestHost, release: string, overrides: Record<string, unknown>): Promise<string> {
  return draftAndLaunch(host, quickDocument(release, overrides));
}
