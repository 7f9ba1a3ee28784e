import { expect, test } from '@jest/globals';
import { clock, deviceLink, ids, queue, table, timer } from '#shared/capabilities/needs.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { awsHome } from './aws-home.ts';

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

test('opens a queue without asking AWS for anything', async () => {
  await expect(
    queue('Q').bind(home({ Q: 'https://sqs.eu-central-1.amazonaws.com/1/q' })),
  ).resolves.toBeDefined();
});

test('tells what an instance used as metrics of its service alone, once a minute at the end of an invocation', async () => {
  const world = new VirtualWorld('aws-home');
  const lines: string[] = [];
  const environment = { SERVICE: 'parrot', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512' };
  const { meter } = awsHome({ environment, world, write: (line) => lines.push(line) });
  const invoke = () => {
    meter?.begin({ messages: 1, usage: { ruleTriggers: 1 } });
    meter?.concerns('offer', '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', 1);
    meter?.end();
  };
  invoke();
  expect(lines).toEqual([]);
  await world.advance(60_000);
  invoke();
  const [metrics] = lines.map((line) => JSON.parse(line));
  expect(lines.join('')).not.toContain('01JD4Z6Q7R8S9T0V1W2X3Y4Z5D');
  expect(metrics).toMatchObject({
    service: 'parrot',
    ruleTriggers: 2,
    functionRequests: 2,
    functionGbSeconds: 0.001,
  });
  expect(metrics._aws.CloudWatchMetrics[0]).toMatchObject({
    Namespace: 'Evenkeel/Usage',
    Dimensions: [['service']],
  });
  expect(awsHome({ environment: { SERVICE: 'parrot' }, world }).meter).toBeUndefined();
});
