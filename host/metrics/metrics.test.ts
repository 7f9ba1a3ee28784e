import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessTokens } from '#host/access/access-tokens.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';
import { realWorld } from '#shared/world/real-world.ts';

describe('the metrics of a host that serves', () => {
  let host: ServedHost;

  beforeAll(async () => {
    host = await startServedHost({ metricsPort: 0 });
  });

  afterAll(async () => {
    await host.stop();
  });

  function ask(
    url: string,
    options: { readonly method?: string; readonly name?: string } = {},
  ): Promise<{ status: number | undefined; type: string | undefined; text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof ask>>>();
    const { method = 'GET', name } = options;
    const headers = name === undefined ? {} : { host: name };
    request({ port: host.serving.metricsPort, path: url, method, headers, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      const type = response.headers['content-type'];
      response.on('end', () => resolve({ status: response.statusCode, type, text }));
    })
      .on('error', reject)
      .end();
    return promise;
  }

  const sampleOf = async (sample: string): Promise<number | undefined> => {
    const line = (await ask('/metrics')).text.split('\n').find((one) => one.startsWith(`${sample} `));
    return line === undefined ? undefined : Number(line.slice(sample.length));
  };

  test('are text for Prometheus, each family once, every value a number', async () => {
    const { status, type, text } = await ask('/metrics');
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    const lines = text.trimEnd().split('\n');
    const names = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
    expect(new Set(names).size).toBe(names.length);
    for (const line of lines.filter((one) => !one.startsWith('#')))
      expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? \d+(\.\d+)?(e[+-]\d+)?$/);
  });

  test('are those that the operations page names, and no others', async () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const [, section = ''] = page.split('## Watching it with Prometheus\n');
    const rows =
      section
        .split('\n## ')[0]
        ?.split('\n')
        .filter((line) => line.startsWith('| `')) ?? [];
    const told = rows.flatMap((row) =>
      [...(row.split(' | ')[0] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name),
    );
    const { text } = await ask('/metrics');
    const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(served.sort());
    for (const [, name = ''] of section.matchAll(/what="(\w+)"/g))
      expect(await sampleOf(`evenkeel_counted_total{what="${name}"}`)).toBe(0);
  });

  test('have a rule on the operations page for checks that ran out of time, which nobody counts as dropped', async () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const rule = /alert: ChecksUnanswered,\s+expr: '([^']+)'/.exec(page)?.[1] ?? '';
    const label = /evenkeel_function_failures_total\{function=~"([^"]+)"\}/.exec(rule)?.[1] ?? 'none';
    const { text } = await ask('/metrics');
    const named = [...text.matchAll(/^evenkeel_function_failures_total\{function="([^"]+)"\}/gm)].map(
      ([, name]) => name,
    );
    // Prometheus holds a pattern against the whole value.
    expect(named.filter((name = '') => new RegExp(`^(?:${label})$`).test(name))).toEqual([
      'rollout-orchestrator-test-checkForUpdate',
    ]);
  });

  test('say how long the certificates of server and authority are good for', async () => {
    const daysLeft = (of: string) => sampleOf(`evenkeel_certificate_days_left{certificate="${of}"}`);
    // Of 397 days, and of 30 years (docs/operations.md).
    expect(await daysLeft('server')).toBeCloseTo(397, 1);
    expect(await daysLeft('authority')).toBeCloseTo(30 * 365, 1);
  });

  test('say how many tokens of people are about to end', async () => {
    const secrets = path.join(host.directory, 'secrets');
    const tokens = await AccessTokens.open(secrets, { tenant: 'acme', world: realWorld });
    const nowMs = Date.now();
    const hours = (count: number) => nowMs + count * 3_600_000;
    await tokens.issue({
      tenant: 'acme',
      sub: 'bob',
      role: 'viewer',
      span: { fromMs: hours(-200), toMs: hours(1) },
    });
    await tokens.issue({
      tenant: 'acme',
      sub: 'ci',
      role: 'viewer',
      span: { fromMs: nowMs, toMs: hours(1) },
    });
    expect(await sampleOf('evenkeel_tokens_ending')).toBe(1);
    const list = path.join(secrets, 'tokens.json');
    await rename(list, `${list}.away`);
    expect(await sampleOf('evenkeel_tokens_ending')).toBeUndefined();
    expect(await sampleOf('evenkeel_devices_connected')).toBe(0);
    await rename(`${list}.away`, list);
  });

  test('follow what devices and people do', async () => {
    const invocations = 'evenkeel_function_invocations_total{function="device-registry-test-getDevice"}';
    const before = await sampleOf(invocations);
    expect(before).toBe(0);
    expect(await host.https('GET', '/devices/nobody')).toMatchObject({ status: 404 });
    expect(await sampleOf(invocations)).toBe(1);
    expect(await sampleOf('evenkeel_devices_connected')).toBe(0);
    const thing = 'acme:cam-1';
    const client = await host.connect(
      thing,
      await host.issue(thing, { tenant: 'acme', product: 'cam', hardware: 'a' }),
    );
    expect(await sampleOf('evenkeel_devices_connected')).toBe(1);
    await client.publishAsync(upTopic(thing, 'report'), '{"v":1}', { qos: 1 });
    const sums = await ask('/metrics');
    expect(sums.text).toMatch(/evenkeel_queue_messages\{queue="reports"\} \d+/);
    expect(await sampleOf('evenkeel_dead_letters{queue="reports-dead"}')).toBe(0);
  });

  test('are told to nobody who asks for something else, or under another name', async () => {
    expect(await ask('/')).toMatchObject({ status: 404 });
    expect(await ask('/metrics', { method: 'POST' })).toMatchObject({ status: 405 });
    expect(await ask('/metrics', { name: 'attacker.example:9464' })).toMatchObject({ status: 421 });
    expect(await ask('/metrics', { name: 'localhost:9464' })).toMatchObject({ status: 200 });
  });
});
