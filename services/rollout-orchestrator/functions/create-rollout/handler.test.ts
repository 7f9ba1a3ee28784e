import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { quickDocument } from '../../testing/documents.ts';
import { publishRelease } from '../../testing/releases.ts';

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
});
afterEach(() => host.stop());

test.each([
  ['an unknown field', { colour: 'blue' }, 'colour'],
  [
    'a stage below the one before',
    {
      stages: [
        { name: 'a', percent: '20%' },
        { name: 'b', percent: '5%' },
      ],
    },
    'stages.1.percent',
  ],
  ['a rate that is none', { halt: { failureRate: '200%' } }, 'halt.failureRate'],
  ['a selector that does not parse', { selector: 'hardware in' }, 'selector'],
  ['what is not supported yet', { mode: 'download-only' }, 'mode'],
])('a document with %s is refused by name', async (_what, overrides, field) => {
  const answer = await host.http('POST', '/rollouts', { document: quickDocument('cam/1.1.0', overrides) });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'refused', field } } });
});
