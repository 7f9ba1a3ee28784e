import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ListDeviceReports } from '#shared/contracts/api/telemetry.ts';
import type { LoggedReport } from '../../domain/log-line.ts';
import { batch, fromDevice, logOf, NOON_MS, report } from '../../testing/events.ts';

const DAY = '2026-03-01';
/** "Response payload size exceeded maximum allowed payload size (6291556 bytes)". */
const MOST_OF_LAMBDA_BYTES = 6_291_556;
const OTHER_ROLLOUT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F';

describe('reading the raw log', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['telemetry-ingest'], strict: true });
  });
  afterEach(() => host.stop());

  const put = (key: string, text: string) =>
    logOf(host).put(`reports/tenant=acme/day=${DAY}/${key}`, Buffer.from(text));
  const line = (thing: string, atMs: number) => JSON.stringify({ thing, atMs, report: report() });
  const store = (...reports: LoggedReport[]) => host.invoke('storeReports', batch(...reports));
  const pathOf = (path: string, query: Readonly<Record<string, string>>) =>
    `${path}?${new URLSearchParams({ day: DAY, ...query })}`;
  async function read(query: Readonly<Record<string, string>> = {}, deviceId = 'cam-1', tenant = 'acme') {
    const target = pathOf(`/devices/${deviceId}/reports`, query);
    const { status, body } = await host.http('GET', target, undefined, { tenant, role: 'viewer' });
    return { status, answer: body };
  }
  const readRollout = async () =>
    (await host.http('GET', pathOf(`/rollouts/${report().rollout}/reports`, {}))).body;
  /** All pages of a read; `between` runs after each. */
  async function walk(limit: number, between: () => Promise<unknown> = async () => undefined) {
    const times: number[] = [];
    let calls = 0;
    let cursor: string | undefined;
    do {
      const { answer } = await read({ limit: String(limit), ...(cursor && { cursor }) });
      times.push(...answer.reports.map(({ atMs }: { atMs: number }) => atMs));
      cursor = answer.cursor;
      calls += 1;
      await between();
    } while (cursor);
    return { times, calls };
  }

  test('gives back what was stored, as the contract says', async () => {
    await store(fromDevice('acme:cam-1', report()), fromDevice('acme:cam-2', report()));
    const { status, answer } = await read();
    expect(status).toBe(200);
    expect(ListDeviceReports.answer.parse(answer)).toEqual({
      reports: [{ thing: 'acme:cam-1', atMs: NOON_MS, report: report() }],
    });
  });

  test('reads one day of one tenant', async () => {
    await store(
      fromDevice('acme:cam-1', report(), NOON_MS - 86_400_000),
      fromDevice('other:cam-1', report()),
      fromDevice('acme:cam-1', report(), NOON_MS + 86_400_000),
    );
    expect((await read()).answer).toEqual({ reports: [] });
    expect((await read({}, 'cam-1', 'other')).answer.reports).toHaveLength(1);
  });

  test('reads a rollout over all devices', async () => {
    await store(
      fromDevice('acme:cam-1', report()),
      fromDevice('acme:cam-2', report({ rollout: OTHER_ROLLOUT })),
      fromDevice('acme:cam-3', report()),
    );
    expect((await readRollout()).reports.map(({ thing }: { thing: string }) => thing)).toEqual([
      'acme:cam-1',
      'acme:cam-3',
    ]);
  });

  test('never shows a line of another tenant, wherever it lies', async () => {
    await put('hour=10/a.jsonl', [line('other:cam-1', 1), line('acme:cam-1', 2)].join('\n'));
    expect((await readRollout()).reports).toMatchObject([{ thing: 'acme:cam-1', atMs: 2 }]);
  });

  test('gives every report once over any size of page, in the middle of objects too', async () => {
    for (let at = 0; at < 4; at++) {
      const lines = [0, 1, 2].map((n) => line('acme:cam-1', at * 3 + n));
      await put(`hour=1${at}/${at}.jsonl`, `${lines.join('\n')}\n`);
    }
    const all = Array.from({ length: 12 }, (_, at) => at);
    for (const limit of [1, 2, 3, 5, 12, 100]) expect((await walk(limit)).times).toEqual(all);
  });

  test('looks into at most fifty objects a call, and says so with a cursor when it found nothing', async () => {
    for (let at = 0; at < 120; at++) {
      await put(`hour=10/${String(at).padStart(3, '0')}.jsonl`, `${line('acme:cam-2', at)}\n`);
    }
    await put('hour=11/000.jsonl', `${line('acme:cam-1', 7)}\n`);
    const { answer } = await read();
    expect(answer.reports).toEqual([]);
    expect(answer.cursor).toEqual(expect.any(String));
    expect(await walk(10)).toEqual({ times: [7], calls: 3 });
  });

  test('looks into at most some megabytes a call, and goes on behind the object that it has ended with', async () => {
    const megabytes = ' '.repeat(3 * 1024 * 1024);
    for (let at = 0; at < 6; at++) {
      await put(`hour=10/${at}.jsonl`, `${megabytes}\n${line('acme:cam-1', at)}\n`);
    }
    expect((await read()).answer.reports.map(({ atMs }: { atMs: number }) => atMs)).toEqual([0, 1, 2]);
    expect(await walk(100)).toEqual({ times: [0, 1, 2, 3, 4, 5], calls: 3 });
  });

  test('gives every report once while objects appear before and after the place it has reached', async () => {
    for (let at = 0; at < 60; at++) {
      await put(`hour=10/m${String(at).padStart(3, '0')}.jsonl`, `${line('acme:cam-1', at)}\n`);
    }
    let added = 0;
    const { times } = await walk(7, async () => {
      await put(`hour=10/a${String(added++).padStart(3, '0')}.jsonl`, `${line('acme:cam-1', 1000)}\n`);
    });
    expect(times).toEqual(Array.from({ length: 60 }, (_, at) => at));
  });

  test('gives every report once while more objects than a call looks into appear before the place it has reached', async () => {
    const lines = (from: number) => `${line('acme:cam-1', from)}\n${line('acme:cam-1', from + 1)}\n`;
    await put('hour=10/a.jsonl', lines(0));
    await put('hour=10/b.jsonl', lines(2));
    let isFirst = true;
    const { times } = await walk(1, async () => {
      if (!isFirst) return;
      isFirst = false;
      for (let at = 0; at < 120; at++) {
        await put(`hour=09/${String(at).padStart(3, '0')}.jsonl`, `${line('acme:cam-1', 1000)}\n`);
      }
    });
    expect(times).toEqual([0, 1, 2, 3]);
  });

  test('passes over lines that are torn, foreign or too long, and reads the others', async () => {
    await put(
      'hour=10/a.jsonl',
      [
        line('acme:cam-1', 1),
        '{"thing":"acme:cam-1","atMs":2,"rep',
        'not JSON',
        '',
        '{"thing":"acme:cam-1","atMs":3}',
        line('other:cam-1', 4),
        JSON.stringify({ thing: 'acme:cam-1', atMs: 5, report: report(), pad: 'x'.repeat(70_000) }),
        line('acme:cam-1', 6),
        line('acme:cam-1', 7).slice(0, 60),
      ].join('\n'),
    );
    await put('hour=11/b.jsonl', '\xff\xfe');
    await put('hour=12/c.jsonl', line('acme:cam-1', 8));
    expect((await walk(1)).times).toEqual([1, 6, 8]);
  });

  test('passes over an object that is too large to be one of ours', async () => {
    await put('hour=10/a.jsonl', `${line('acme:cam-1', 1)}\n${' '.repeat(9 * 1024 * 1024)}`);
    await put('hour=10/b.jsonl', line('acme:cam-1', 2));
    expect((await walk(10)).times).toEqual([2]);
  });

  test.each([
    ['letters', 'x', 20],
    ['quotes, which are escaped in the answer and again around it', '"', 16],
  ])(
    'ends an answer before it is larger than a function may answer, for reports full of %s',
    async (_, of, count) => {
      const events = Array.from({ length: count }, (_, at) => ({
        seq: at + 1,
        state: 'progress' as const,
        uptimeMs: 1,
        detail: of.repeat(500),
      }));
      const large = JSON.stringify({ thing: 'acme:cam-1', atMs: 1, report: report({ events }) });
      await put('hour=10/a.jsonl', `${large}\n`.repeat(400));
      const { answer } = await read({ limit: '1000' });
      // As Lambda measures it: the body is a text in a JSON answer.
      const asLambda = JSON.stringify({ statusCode: 200, body: JSON.stringify(answer) });
      expect(asLambda.length).toBeLessThan(MOST_OF_LAMBDA_BYTES);
      expect((await walk(1000)).times).toHaveLength(400);
    },
  );

  test('refuses a query that breaks a rule by name', async () => {
    const bad: [string, Readonly<Record<string, string>>][] = [
      ['day', { day: '2026-02-30' }],
      ['day', { day: 'today' }],
      ['limit', { limit: '0' }],
      ['limit', { limit: '1001' }],
      ['cursor', { cursor: 'bogus' }],
      ['cursor', { cursor: 'x'.repeat(2049) }],
      ['hour', { hour: '12' }],
    ];
    for (const [field, query] of bad) {
      const { status, answer } = await read(query);
      expect([status, answer.error.field]).toEqual([400, field]);
    }
  });

  test('refuses the cursor of another day or tenant', async () => {
    await put('hour=10/a.jsonl', `${line('acme:cam-1', 1)}\n`.repeat(2));
    const { cursor } = (await read({ limit: '1' })).answer;
    expect((await read({ cursor, day: '2026-03-02' })).answer.error).toMatchObject({ field: 'cursor' });
    expect((await read({ cursor }, 'cam-1', 'other')).answer.error).toMatchObject({ field: 'cursor' });
  });
});
