import { describe, expect, test } from '@jest/globals';
import { clock, deviceLink, ids, queue, table, timer } from '#shared/capabilities/needs.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { awsHome } from './aws-home.ts';
import { json, Wire } from './testing/wire.ts';

const home = (environment: Record<string, string>) =>
  awsHome({ environment, world: new VirtualWorld('aws-home') });

test('names the variable that is missing or empty', async () => {
  for (const environment of [{}, { DEVICES_TABLE: '' }]) {
    const binding = table('DEVICES_TABLE').bind(home(environment));
    await expect(binding).rejects.toThrow(ConfigurationError);
    await expect(binding).rejects.toThrow('DEVICES_TABLE');
  }
  await expect(deviceLink.bind(home({}))).rejects.toThrow('DEVICE_ENDPOINT');
  await expect(timer('WAKE_QUEUE').bind(home({ WAKE_QUEUE: 'arn' }))).rejects.toThrow('WAKE_QUEUE_ROLE');
  expect(() => home({}).setting('SERVICE')).toThrow(ConfigurationError);
});

test('refuses a queried index whose keys are not told, or cannot be read', async () => {
  for (const told of [{}, { T_INDEXES: 'byState' }, { T_INDEXES: 'byOwner=owner.S,since.S' }]) {
    const bound = table('T', 'byState').bind(home({ T: 'devices', ...told }));
    await expect(bound).rejects.toThrow(ConfigurationError);
    await expect(bound).rejects.toThrow('T_INDEXES');
  }
});

test('gives time and identifiers of its world, without any variable', async () => {
  const world = new VirtualWorld('aws-home');
  const bare = awsHome({ environment: {}, world });
  const time = await clock.bind(bare);
  const newIds = await ids.bind(bare);
  expect(time.now()).toBe(world.now());
  const [first, second] = [newIds.next(), newIds.next()];
  expect(first).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(second).not.toBe(first);
});

test('opens a queue without asking AWS for anything; the first message does', async () => {
  const wire = await Wire.open(() => json(200, {}));
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SQS: wire.endpoint,
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  });
  try {
    const opened = await queue('Q').bind(home({ Q: `${wire.endpoint}/1/q` }));
    expect(wire.requests).toEqual([]);
    await opened.send([{ body: 'hello' }]);
    expect(wire.only().body.toString()).toContain('hello');
  } finally {
    process.env = before;
    await wire.close();
  }
});

describe('what an instance uses', () => {
  const ROLLOUT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
  const environment = {
    SERVICE: 'parrot',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    Q: 'https://sqs.eu-central-1.amazonaws.com/1/q',
  };

  test('is told as metrics of its service alone, with its time and what its capabilities were called for', async () => {
    const world = new VirtualWorld('aws-home');
    const lines: string[] = [];
    const opened = awsHome({ environment, world, write: (line) => lines.push(line) });
    const sendNothing = await queue('Q').bind(opened);
    opened.meter?.begin({ messages: 1, usage: { ruleTriggers: 1 } });
    opened.meter?.concerns('offer', ROLLOUT, 1);
    // Refused before anything is sent: a body must not be empty.
    await expect(sendNothing.send([{ body: '' }])).rejects.toThrow();
    await world.advance(1_000);
    opened.meter?.end();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines.join(''))).toMatchObject({
      service: 'parrot',
      ruleTriggers: 1,
      queueRequests: 1,
      functionRequests: 1,
      functionGbSeconds: 0.5,
    });
    expect(lines.join('')).not.toContain(ROLLOUT);
  });

  test('is not metered where Lambda does not say how much memory there is', () => {
    expect(home({ SERVICE: 'parrot' }).meter).toBeUndefined();
  });
});
