import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectionLimits } from '#host/connection-limits.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };
/** So few that three devices may be connected. */
const OPEN_FILES = 4;

let host: ServedHost;
beforeAll(async () => {
  host = await startServedHost({ root: ROOT, openFiles: OPEN_FILES });
});
afterAll(() => host.stop());

async function device(name: string) {
  const thing = `acme:${name}`;
  const certificate = await host.issue(thing, ATTRIBUTES);
  return { thing, connect: () => host.connect(thing, certificate) };
}

test('a connection too many is dropped and told of; those there are stay, and there is room when one leaves', async () => {
  const { devices: most } = connectionLimits(OPEN_FILES);
  const connected = [];
  for (let n = 0; n < most; n += 1) connected.push(await (await device(`in-${n}`)).connect());
  const late = await device('late');
  await expect(late.connect()).rejects.toThrow();
  expect(host.lines).toContainEqual(
    expect.objectContaining({
      rule: 'there must be a connection left to take',
      mostConnections: String(most),
    }),
  );

  const [first, ...others] = connected;
  for (const client of others) {
    await client.publishAsync(upTopic(client.options.clientId ?? '', 'check'), '{"word":"ahoi"}', { qos: 1 });
  }
  await first?.endAsync();
  await untilLetIn(late.connect);
});

/** The host hears of an end when it has come through; until then there is no room. */
async function untilLetIn(connect: () => Promise<unknown>): Promise<void> {
  for (let error: unknown = true; error !== undefined; ) {
    error = await connect().then(
      () => undefined,
      (refused: unknown) => refused,
    );
  }
}
