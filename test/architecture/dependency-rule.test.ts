import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['services', 'shared', 'host', 'device', 'cli', 'bench', 'demo', 'build', 'test'];

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of one file of ours by another, as paths from the root of the repository. */
function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return found.flatMap((specifier) => {
    if (specifier.startsWith('#')) return [{ from: file, to: specifier.slice(1) }];
    if (specifier.startsWith('.')) return [{ from: file, to: path.join(path.dirname(file), specifier) }];
    return [];
  });
}

const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name))),
);
const production = files.filter(
  (file) => !/\.(test|suite)\.ts$/.test(file) && !file.includes('/testing/') && !file.includes('/fixtures/'),
);
const imports = production.flatMap(importsOf);

/** Folders that code in a folder may import from, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  services: ['shared'],
  shared: [],
  host: ['shared'],
  device: ['shared'],
  cli: ['shared'],
  demo: ['shared', 'host', 'device', 'cli'],
  bench: ['shared', 'host', 'device', 'cli', 'demo', 'services', 'build'],
  build: ['shared', 'host'],
  test: ['shared', 'host', 'device', 'cli', 'demo', 'services', 'bench', 'build'],
};

const topOf = (file: string): string => file.split('/')[0] ?? '';
const serviceOf = (file: string): string => file.split('/').slice(0, 2).join('/');
const outside = (rule: (one: Import) => boolean): string[] =>
  imports.filter((one) => !rule(one)).map(({ from, to }) => `${from} -> ${to}`);

describe('the dependency rule between folders', () => {
  test('sees the code that it judges', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  test('a folder imports only what lies below it', () => {
    expect(
      outside(
        ({ from, to }) => topOf(from) === topOf(to) || (ALLOWED[topOf(from)] ?? []).includes(topOf(to)),
      ),
    ).toEqual([]);
  });

  test('a service never imports another service', () => {
    expect(
      outside(
        ({ from, to }) =>
          topOf(from) !== 'services' || topOf(to) !== 'services' || serviceOf(from) === serviceOf(to),
      ),
    ).toEqual([]);
  });

  test('decisions in domain/ import only decisions, contracts and errors', () => {
    const inDomain = (file: string) => /^services\/[^/]+\/domain\//.test(file);
    expect(
      outside(({ from, to }) => !inDomain(from) || inDomain(to) || /^shared\/(contracts|errors)\//.test(to)),
    ).toEqual([]);
  });

  test('nothing but the AWS home, its deployment, the login to it and the tests of it imports the AWS SDK', () => {
    const touching = production.filter(
      (file) =>
        !/^(shared\/aws|build\/deploy|cli\/stage|test\/aws)\//.test(file) &&
        /from '@aws-sdk\//.test(readFileSync(path.join(ROOT, file), 'utf8')),
    );
    expect(touching).toEqual([]);
  });
});
