import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROUTES } from '#shared/contracts/api/routes.ts';
import { RULES, upTopic } from '#shared/contracts/device/topics.ts';
import { isAbsent } from '#shared/program/error-code.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SERVICES = path.join(ROOT, 'services');

interface FunctionFolder {
  readonly service: string;
  readonly name: string;
  readonly key: string;
  readonly yml: string;
  readonly rule: string | undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const folders: FunctionFolder[] = readdirSync(SERVICES).flatMap((service) =>
  readdirSync(path.join(SERVICES, service, 'functions')).map((name) => {
    const folder = path.join(SERVICES, service, 'functions', name);
    return {
      service,
      name,
      key: name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
      yml: readFileSync(path.join(folder, 'function.yml'), 'utf8'),
      rule: readIfThere(path.join(folder, 'rule.yml')),
    };
  }),
);

describe('where a message lands', () => {
  test('every route of the API is served by the function of its name', () => {
    const served = folders.flatMap(({ key, yml }) => {
      const [, method, route] = /httpApi:\s+method: (\w+)\s+path: ["']?([^"'\s]+)/.exec(yml) ?? [];
      return method && route ? [`${key} ${method} ${route}`] : [];
    });
    const contracted = Object.entries(ROUTES).map(
      ([key, { method, path: route }]) => `${key} ${method} ${route}`,
    );
    expect(served.sort()).toEqual(contracted.sort());
  });

  test('every topic that devices publish on has exactly one rule, in the folder of the function it feeds', () => {
    const names = folders.flatMap(({ rule }) =>
      [...(rule ?? '').matchAll(/RuleName: (ek_\w+)/g)].map((match) => match[1]),
    );
    expect(names.filter((name) => !name?.startsWith('ek_presence_')).sort()).toEqual(
      Object.values(RULES).sort(),
    );
  });

  test.each(Object.keys(RULES) as (keyof typeof RULES)[])(
    'the protocol page names the topic of %s',
    (kind) => {
      expect(readFileSync(path.join(ROOT, 'docs/protocol.md'), 'utf8')).toContain(
        `\`${upTopic('<thing>', kind)}\``,
      );
    },
  );

  test('every function is in the README of its service', () => {
    const missing = folders.filter(
      ({ service, name, key }) =>
        readFileSync(path.join(SERVICES, service, 'README.md'), 'utf8').match(
          new RegExp(`\\b(${name}|${key})\\b`),
        ) === null,
    );
    expect(missing.map(({ service, name }) => `${service}/${name}`)).toEqual([]);
  });
});
