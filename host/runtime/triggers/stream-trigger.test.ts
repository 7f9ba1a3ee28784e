import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '#shared/lambda/on-change.ts';
import { triggerHome } from '../testing/trigger-home.ts';
import { changeFilter } from './stream-record.ts';
import { StreamTrigger } from './stream-trigger.ts';

const OUTBOX = [{ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'outbox#' }] } } } }];

async function tableStream(
  serve: (event: StreamEvent) => Promise<unknown>,
  patterns: readonly unknown[] = [],
  { batchingWindowSeconds = 0, maximumRetryAttempts = 2, maximumRecordAgeSeconds = -1 } = {},
) {
  const home = triggerHome();
  const { store, world, log } = home;
  const table = store.table({ name: 'things', stream: true });
  const { changes } = table;
  if (changes === undefined) throw new Error('the table was asked to keep its changes');
  const given: unknown[] = [];
  const open = () =>
    home.done(
      StreamTrigger.open(
        {
          changes,
          pool: home.pool(serve),
          world,
          log,
          onFailure: async (account) => void given.push(account),
        },
        {
          streamArn: 'arn:aws:dynamodb:local:000000000000:table/things/stream/1',
          batchSize: 2,
          batchingWindowSeconds,
          startingPosition: 'TRIM_HORIZON',
          maximumRetryAttempts,
          maximumRecordAgeSeconds,
          reportsItemFailures: true,
          isWanted: changeFilter(patterns),
        },
      ),
    );
  const put = (sk: string) => home.done(table.write({ put: { pk: 'p', sk, n: 1 } }));
  return { ...home, table, trigger: await open(), open, given, put };
}

const namesOf = (event: StreamEvent) =>
  event.Records.map(({ eventName, dynamodb }) => [eventName, dynamodb.Keys.sk]);

describe('a change stream', () => {
  it('says how long the oldest change that is not done has waited, not counting what was before the start', async () => {
    let isBroken = true;
    const { trigger, put, world, open } = await tableStream(
      async () => {
        if (isBroken) throw new Error('no key');
      },
      [],
      { maximumRetryAttempts: 1_000 },
    );
    trigger.start();
    expect(trigger.oldestAgeMs).toBe(0);
    await put('a');
    await world.advance(90_000);
    await put('b');
    await world.advance(30_000);
    expect(trigger.oldestAgeMs).toBe(120_000);
    await trigger.stop();
    const restarted = await open();
    restarted.start();
    await world.advance(10_000);
    expect(restarted.oldestAgeMs).toBe(10_000);
    isBroken = false;
    await world.advance(300_000);
    expect(restarted.oldestAgeMs).toBe(0);
  });

  it('hands every change to the function in order, with both images', async () => {
    const seen: StreamEvent['Records'][number][] = [];
    const { trigger, put, table, done } = await tableStream(async (event) => seen.push(...event.Records));
    trigger.start();
    await put('a');
    await done(table.write({ update: { pk: 'p', sk: 'a' }, add: { n: 1 } }));
    await done(table.write({ delete: { pk: 'p', sk: 'a' } }));
    expect(seen.map((record) => record.eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
    expect(seen[1]?.dynamodb).toMatchObject({
      Keys: { pk: { S: 'p' }, sk: { S: 'a' } },
      OldImage: { n: { N: '1' } },
      NewImage: { n: { N: '2' } },
    });
    expect(seen[0]?.dynamodb.OldImage).toBeUndefined();
    expect(seen[2]?.dynamodb.NewImage).toBeUndefined();
  });

  it('passes over what its filter does not want', async () => {
    const seen: unknown[] = [];
    const { trigger, put } = await tableStream(async (event) => seen.push(...namesOf(event)), OUTBOX);
    trigger.start();
    await put('row#1');
    await put('outbox#1');
    expect(seen).toEqual([['INSERT', { S: 'outbox#1' }]]);
  });

  it('hands a batch that failed over again, before anything that came after it', async () => {
    const seen: unknown[][] = [];
    const { trigger, put, world } = await tableStream(async (event) => {
      seen.push(namesOf(event).map(([, sk]) => sk));
      if (seen.length === 1) throw new Error('once');
    });
    await put('a');
    await put('b');
    await put('c');
    trigger.start();
    await world.advance(1_000);
    expect(seen).toEqual([[{ S: 'a' }, { S: 'b' }], [{ S: 'a' }, { S: 'b' }], [{ S: 'c' }]]);
  });

  it('hands over again from the first record that the answer names, with all its attempts before it', async () => {
    const seen: unknown[][] = [];
    const { trigger, put, world, given } = await tableStream(async (event) => {
      seen.push(namesOf(event).map(([, sk]) => Object(sk).S));
      const bad = event.Records.find(({ dynamodb }) => JSON.stringify(dynamodb.Keys).includes('bad'));
      return { batchItemFailures: bad ? [{ itemIdentifier: bad.dynamodb.SequenceNumber }] : [] };
    });
    await put('a');
    await put('bad');
    await put('c');
    trigger.start();
    await world.advance(30_000);
    expect(seen).toEqual([['a', 'bad'], ['bad'], ['bad'], ['c']]);
    expect(given).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: '2' } }]);
  });

  it('hands the whole batch over again when the answer names a record that was not in it', async () => {
    const seen: unknown[][] = [];
    const { trigger, put, world } = await tableStream(async (event) => {
      seen.push(namesOf(event).map(([, sk]) => Object(sk).S));
      return { batchItemFailures: seen.length === 1 ? [{ itemIdentifier: 'another' }] : [] };
    });
    await put('a');
    await put('b');
    trigger.start();
    await world.advance(30_000);
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it.each([
    [2, 3],
    [0, 1],
  ])('gives a batch up after %d retries, tells where it was, and goes on', async (retries, times) => {
    const seen: unknown[] = [];
    const fails = async (event: StreamEvent) => {
      const [[, sk] = []] = namesOf(event);
      seen.push(sk);
      if (JSON.stringify(sk).includes('bad')) throw new Error('always');
    };
    const { trigger, put, world, given } = await tableStream(fails, [], { maximumRetryAttempts: retries });
    trigger.start();
    await put('bad');
    await put('good');
    await world.advance(10_000);
    expect(seen).toEqual([...Array.from({ length: times }, () => ({ S: 'bad' })), { S: 'good' }]);
    expect(given).toMatchObject([
      {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: times },
        DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: '1' },
      },
    ]);
  });

  it('gives a batch up when it has failed for as long as records may be old, not counting a time in which the host was away', async () => {
    let calls = 0;
    const limits = { maximumRetryAttempts: -1, maximumRecordAgeSeconds: 600 };
    const fails = async () => {
      calls += 1;
      throw new Error('always');
    };
    const { open, put, world, given } = await tableStream(fails, [], limits);
    await put('bad');
    await world.advance(86_400_000);
    (await open()).start();
    await world.advance(590_000);
    expect([calls > 2, given]).toEqual([true, []]);
    await world.advance(120_000);
    expect(given).toMatchObject([
      {
        requestContext: { condition: 'RecordAgeExceeded' },
        DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: '1' },
      },
    ]);
  });

  it('tries again what fails after the clock was set ahead by more than records may be old', async () => {
    let calls = 0;
    const limits = { batchingWindowSeconds: 20, maximumRetryAttempts: -1, maximumRecordAgeSeconds: 600 };
    const failsOnce = async () => {
      calls += 1;
      if (calls === 1) throw new Error('once');
    };
    const { trigger, put, world, given } = await tableStream(failsOnce, [], limits);
    trigger.start();
    await put('waits');
    world.putClock(86_400_000);
    await world.advance(60_000);
    expect([calls, given]).toEqual([2, []]);
  });

  describe('with a batch window', () => {
    async function windowed(serve: (names: string) => void = () => undefined) {
      const seen: { readonly atMs: number; readonly names: string }[] = [];
      const stream = await tableStream(
        async (event) => {
          const names = namesOf(event)
            .map(([, sk]) => Object(sk).S)
            .join();
          seen.push({ atMs: stream.world.monotonicMs(), names });
          serve(names);
        },
        OUTBOX,
        { batchingWindowSeconds: 20 },
      );
      return { ...stream, seen };
    }

    it('gathers what is written until the window ends, counted from the first change', async () => {
      const { trigger, put, world, seen } = await windowed();
      trigger.start();
      await put('outbox#1');
      await world.advance(19_999);
      await put('row#1');
      expect(seen).toEqual([]);
      expect(trigger.isBusy).toBe(false);
      await world.advance(1);
      await put('outbox#2');
      await world.advance(30_000);
      expect(seen).toEqual([
        { atMs: 20_000, names: 'outbox#1' },
        { atMs: 40_000, names: 'outbox#2' },
      ]);
    });

    it('delivers a full batch at once, and what follows it after a window of its own', async () => {
      const { trigger, put, world, seen } = await windowed();
      trigger.start();
      await put('outbox#1');
      await world.advance(5_000);
      await put('outbox#2');
      expect(seen).toEqual([{ atMs: 5_000, names: 'outbox#1,outbox#2' }]);
      await put('outbox#3');
      await world.advance(19_999);
      expect(seen).toHaveLength(1);
      await world.advance(1);
      expect(seen[1]).toEqual({ atMs: 25_000, names: 'outbox#3' });
    });

    it('loses nothing that was gathered when the host stops: the next one delivers it when it is due', async () => {
      const { trigger, open, put, world, seen } = await windowed();
      trigger.start();
      await put('outbox#1');
      await world.advance(15_000);
      await trigger.stop();
      await world.advance(2_000);
      expect(seen).toEqual([]);
      const next = await open();
      next.start();
      await world.advance(3_000);
      expect(seen).toEqual([{ atMs: 20_000, names: 'outbox#1' }]);
      await next.stop();
      await put('outbox#2');
      await world.advance(3_600_000);
      const last = await open();
      last.start();
      await world.settle();
      expect(seen).toHaveLength(2);
    });

    it('hands a batch that failed over again without waiting for another window', async () => {
      let isFirst = true;
      const { trigger, put, world, seen } = await windowed(() => {
        if (!isFirst) return;
        isFirst = false;
        throw new Error('once');
      });
      trigger.start();
      await put('outbox#1');
      await world.advance(25_000);
      expect(seen.map(({ names }) => names)).toEqual(['outbox#1', 'outbox#1']);
    });
  });
});
