import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { ROUTES } from '#shared/contracts/api/routes.ts';
import { CONTRACTS, OUTSIDE } from '#shared/contracts/catalogue.ts';
import type { Contract } from '#shared/contracts/contract.ts';
import { RULES } from '#shared/contracts/device/topics.ts';
import type { Trigger } from '#shared/lambda/lambda-function.ts';

const SERVICES = path.resolve(import.meta.dirname, '../../services');
const services = readdirSync(SERVICES);

/** What each function of each service waits for, as its handler says it. */
let triggers: readonly { readonly service: string; readonly trigger: Trigger }[] = [];

beforeAll(async () => {
  const handlers = services.flatMap((service) =>
    readdirSync(path.join(SERVICES, service, 'functions')).map(async (name) => {
      const { handler } = await import(path.join(SERVICES, service, 'functions', name, 'handler.ts'));
      return { service, trigger: handler.trigger as Trigger };
    }),
  );
  triggers = await Promise.all(handlers);
});

/** Whether a function behind that trigger reads messages of that contract: those from devices by what it takes of them. */
function reads({ kind, contract }: Trigger, { name, schema, examples }: Contract): boolean {
  const isOfDevices = kind === 'device-message' || kind === 'device-batch';
  if (name === 'queue/rule-event') return isOfDevices;
  if (name.startsWith('queue/')) return kind === 'queue' && contract === schema;
  if (name === 'stream/outbox-entry') return kind === 'change';
  if (name.startsWith('event/')) return kind === 'event' && Object(contract).detail === schema;
  if (!isOfDevices || !(contract instanceof z.ZodType)) return false;
  return Object.values(examples).every((example) => contract.safeParse(example).success);
}

/** The section of a README under that heading. */
function section(service: string, heading: string): string {
  const readme = readFileSync(path.join(SERVICES, service, 'README.md'), 'utf8');
  return readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
}

const ofServices = (names: readonly string[]) => names.filter((name) => services.includes(name));
const kindsOf = (area: string) =>
  CONTRACTS.filter(({ name }) => name.startsWith(`${area}/`)).map((one) => [one.name, one] as const);
const eventName = ({ name }: Contract): string =>
  name.slice('event/'.length).replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());

describe('who speaks to whom', () => {
  test('is told with the names of services and of what is outside', () => {
    const parties = CONTRACTS.flatMap(({ producers, consumers }) => [...producers, ...consumers]);
    const known = new Set<string>([...services, ...OUTSIDE]);
    expect(parties.filter((party) => !known.has(party))).toEqual([]);
  });

  test.each([...kindsOf('event'), ...kindsOf('queue'), ...kindsOf('stream')])(
    '%s is read by the services that the contract names, and no others',
    (_name, contract) => {
      const readers = triggers.filter(({ trigger }) => reads(trigger, contract));
      expect([...new Set(readers.map(({ service }) => service))].sort()).toEqual(
        ofServices(contract.consumers).toSorted(),
      );
    },
  );

  test.each(kindsOf('device').filter(([, { direction }]) => direction === 'in'))(
    '%s is read by the services that the contract names, and no others',
    (_name, contract) => {
      const readers = triggers.filter(({ trigger }) => reads(trigger, contract));
      expect([...new Set(readers.map(({ service }) => service))].sort()).toEqual(
        contract.consumers.toSorted(),
      );
    },
  );

  test.each(kindsOf('event'))('%s is in the READMEs of those who send and read it', (_name, contract) => {
    const event = `\`${eventName(contract)}\``;
    for (const service of ofServices(contract.producers))
      expect([service, section(service, 'Emits')]).toEqual([service, expect.stringContaining(event)]);
    for (const service of ofServices(contract.consumers))
      expect([service, section(service, 'Listens to')]).toEqual([service, expect.stringContaining(event)]);
  });

  test('every topic that devices publish on has a contract', () => {
    expect(kindsOf('device').filter(([, { direction }]) => direction === 'in')).toHaveLength(
      Object.keys(RULES).length,
    );
  });

  test('every route has a contract for what it takes and one for what it answers', () => {
    const routes = Object.keys(ROUTES).map(
      (key) => `api/${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
    expect(
      kindsOf('api')
        .map(([name, { part }]) => `${name} ${part}`)
        .sort(),
    ).toEqual(routes.flatMap((name) => [`${name} answer`, `${name} request`]).sort());
  });
});
