import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FunctionTimeoutError } from '#host/runtime/lease.ts';
import { AccessDeniedError } from '#shared/errors/errors.ts';
import { startTestHost, type TestHost } from './test-host.ts';

const ROOT = path.join(import.meta.dirname, 'fixtures/parrot');
const THING = 'acme:cam-1';

let host: TestHost;
const start = async () => {
  host = await startTestHost({ root: ROOT });
  return host;
};
afterEach(() => host.stop());

const itemOf = async (pk: string, sk: string) =>
  (await host.table('words').get([{ pk, sk }], { consistent: true }))[0];

describe('the host', () => {
  it('serves a route through pool and rights, and its outbox reaches the consumers on the bus', async () => {
    await start();
    const answer = await host.http('POST', '/words/ahoi?loud=yes', { volume: 3 });
    expect(answer).toEqual({ status: 201, body: { word: 'ahoi' } });
    await host.settle();
    expect(await itemOf('acme#ahoi', 'word')).toMatchObject({ word: 'ahoi', loud: 'yes' });
    expect(await itemOf('said', 'ahoi')).toMatchObject({ n: 1 });
    expect(host.events.map(({ type }) => type)).toEqual(['WordSaid']);
  });

  it('lets the role of the caller decide, and nothing that the caller says', async () => {
    await start();
    const { status, body } = await host.http('POST', '/words/ahoi', undefined, { role: 'viewer' });
    expect(status).toBe(403);
    expect(body.error).toMatchObject({ code: 'forbidden', field: 'role' });
  });

  it('answers 404 for a path and 405 for a method that no route has', async () => {
    await start();
    expect((await host.http('GET', '/nowhere')).status).toBe(404);
    const wrong = await host.http('GET', '/words/ahoi');
    expect(wrong.status).toBe(405);
    expect(wrong.body.error).toMatchObject({ code: 'wrong-method', rule: 'must be POST' });
  });

  it('hands a device message directly to its function, which answers on the topic of the device', async () => {
    await start();
    await host.publishFromDevice(THING, 'check', { word: 'ahoi' });
    await host.settle();
    expect(host.deviceMessages(THING)).toMatchObject([
      { topic: `ek/${THING}/offer`, json: { word: 'ahoi' } },
    ]);
  });

  it('tells a device what was refused of its message', async () => {
    await start();
    await host.publishFromDevice(THING, 'check', { word: 7 });
    await host.settle();
    expect(host.deviceMessages(THING)).toMatchObject([
      { topic: `ek/${THING}/refused`, json: { field: 'word' } },
    ]);
  });

  it('keeps device facts in a queue, hands them over in batches, and the bad ones end as dead letters', async () => {
    await start();
    await host.publishFromDevice(THING, 'report', { word: 'one' });
    await host.publishFromDevice(THING, 'report', { word: 'poison' });
    await host.settle();
    expect(await itemOf(THING, 'one')).toMatchObject({ n: 1 });
    expect(await host.deadLetters()).toEqual([]);
    await host.advance(180_000);
    expect(await host.deadLetters()).toMatchObject([{ queue: 'words-dead' }]);
  });

  it.each([
    ['', 'poison'],
    [' that holds a character which no queue takes', 'poison\uffff'],
  ])('keeps a bus event%s that its consumer cannot handle as a dead letter', async (_, word) => {
    await start();
    await host.http('POST', `/words/${encodeURIComponent(word)}`);
    await host.advance(60_000);
    const [letter] = await host.deadLetters();
    expect(JSON.parse(letter?.body ?? '{}')).toMatchObject({ 'detail-type': 'WordSaid', detail: { word } });
  });

  it('tells a function of an object that appears, with a key that S3 encodes', async () => {
    await start();
    const files = host.host.buckets.of('evenkeel-test-files-000000000000-local').bucket;
    await files.put('elsewhere/a', Buffer.from('not for it'));
    await files.put("in/it's(new).bin", Buffer.from('12345'));
    await host.settle();
    expect(await itemOf('file', "in/it's(new).bin")).toMatchObject({ readBytes: 5 });
    expect(await itemOf('file', 'elsewhere/a')).toBeUndefined();
  });

  it('runs a schedule at every whole period', async () => {
    await start();
    await host.advance(150_000);
    expect(await itemOf('minutes', 'minutes')).toMatchObject({ n: 2 });
  });

  it('refuses a call that the statements of the function do not grant, and names action and resource', async () => {
    await start();
    const event = { detail: { ask: 'query', pauseMs: 0 } };
    await expect(host.invoke('overreach', event)).rejects.toThrow(AccessDeniedError);
    await expect(host.invoke('overreach', event)).rejects.toThrow(/may not dynamodb:Query on arn:.*words/);
  });

  it('lets nothing take effect that a function does after its time-out', async () => {
    await start();
    const event = { detail: { ask: 'write', pauseMs: 10_000 } };
    await expect(host.invoke('overreach', event)).rejects.toThrow(FunctionTimeoutError);
    await host.advance(60_000);
    expect(await itemOf('late', 'late')).toBeUndefined();
  });

  it('lists the rights that no call has needed', async () => {
    await start();
    await host.http('POST', '/words/ahoi');
    const unused = host.unusedRights().filter((right) => right.includes('sayWord'));
    expect(unused).toEqual([
      'parrot-test-sayWord: dynamodb:DeleteItem on arn:aws:dynamodb:local:000000000000:table/evenkeel-test-words',
    ]);
  });

  it('does the same when tables, queues and bus do everything that AWS may do', async () => {
    host = await startTestHost({ root: ROOT, strict: true });
    for (let n = 0; n < 10; n++) await host.publishFromDevice(`acme:cam-${n}`, 'report', { word: 'one' });
    await host.http('POST', '/words/ahoi');
    await host.advance(120_000);
    for (let n = 0; n < 10; n++) expect((await itemOf(`acme:cam-${n}`, 'one'))?.n).toBeGreaterThanOrEqual(1);
    expect((await itemOf('said', 'ahoi'))?.n).toBeGreaterThanOrEqual(1);
  });
});
