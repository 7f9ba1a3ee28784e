import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { AccessDeniedError } from '#shared/errors/errors.ts';
import { previewsKey } from '../stores/keys.ts';
import { PreviewStore } from '../stores/preview-store.ts';
import { askForPreview } from './ask-for-preview.ts';

const DRAFT = { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', tenant: 'acme' };

let host: TestHost;
let told: string[];
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  told = [];
});
afterEach(() => host.stop());

function ask(send: Queue['send']): Promise<void> {
  const needs = {
    previews: new PreviewStore(host.table('rollouts')),
    members: { send },
    clock: { now: () => host.world.now(), pause: () => Promise.resolve() },
    ids: { next: () => '', random: () => 0 },
  };
  // A log is asked for this alone.
  const log = { warn: (text: string) => told.push(text) } as never;
  return askForPreview(DRAFT, needs, { log });
}

test('a queue that takes nothing costs a draft its preview and nothing else, and the log says so', async () => {
  await ask((messages) => Promise.resolve({ failed: messages.map((_, at) => at) }));
  expect(told).toEqual(['a draft is not counted']);
});

test('what does not pass by itself is no reason to be silent', async () => {
  const denied = () => Promise.reject(new AccessDeniedError('sqs:SendMessage', 'members', 'createRollout'));
  await expect(ask(denied)).rejects.toThrow('may not sqs:SendMessage');
});

test('drafts that are made at once spend the ration one by one', async () => {
  const sent: string[] = [];
  const take: Queue['send'] = (messages) => {
    sent.push(...messages.map(({ body }) => body));
    return Promise.resolve({ failed: [] });
  };
  await Promise.all(Array.from({ length: 4 }, () => ask(take)));
  expect(sent).toHaveLength(4);
  const [ration] = await host.table('rollouts').get([previewsKey('acme')], { consistent: true });
  expect(ration).toMatchObject({ spentUntilMs: host.world.now() + 4 * 180_000 });
});
