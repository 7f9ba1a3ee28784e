import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['services', 'shared', 'host', 'device', 'cli', 'bench', 'demo', 'build', 'test'];

interface Import {
  readonly from: string;
  readonly to: string;
}

/** What the code of a file names in `from '...'` and `import('...')`, with the names it takes. */
const IMPORT = /(?:import|export)\s+(?:type\s+)?([^'";]*?)\s*from\s*'([^']+)'|import\s*\(?\s*'([^']+)'/g;

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

/** Libraries and parts of Node that decisions may use, and what of them: they compute from what they are given, and nothing else. */
const PURE: Readonly<Record<string, readonly string[] | 'all'>> = {
  zod: 'all',
  'js-yaml': 'all',
  'node:crypto': ['hash', 'createHash', 'createPublicKey', 'verify'],
  'node:util': ['isDeepStrictEqual'],
  'semver/functions/parse.js': 'all',
};

/** What asks the world instead of being told: clock, chance, environment, network, timers, output. */
const IMPURE =
  /\b(?:Date\.now|new Date\(\s*\)|Date\(\s*\)|Math\.random|process\b|performance\b|setTimeout|setInterval|setImmediate|fetch\s*\(|console\b|globalThis|randomUUID|getRandomValues|import\.meta|require\s*\()/g;

/** The code of a file without its comments. */
function codeOf(file: string): string {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
}

/** A file and every file of ours that it stands on, however far. */
function reachedFrom(start: readonly string[]): string[] {
  const reached = new Set(start);
  for (const file of reached) for (const { to } of importsOf(file)) reached.add(to);
  return [...reached];
}

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

  test('decisions in domain/ import only decisions, contracts, errors and the rule of clocks', () => {
    const inDomain = (file: string) => /^services\/[^/]+\/domain\//.test(file);
    expect(
      outside(
        ({ from, to }) => !inDomain(from) || inDomain(to) || /^shared\/(clock|contracts|errors)\//.test(to),
      ),
    ).toEqual([]);
  });

  describe('decisions in domain/, with all that they stand on', () => {
    const pure = reachedFrom(
      production.filter((file) => /^services\/[^/]+\/domain\//.test(file) && !file.endsWith('.fixture.ts')),
    );

    test('are seen by this test', () => {
      expect(pure).toEqual(
        expect.arrayContaining([
          'services/rollout-orchestrator/domain/document/parse-document.ts',
          'shared/contracts/version.ts',
        ]),
      );
    });

    test('import no library and no part of Node but what computes', () => {
      const refused = pure.flatMap((file) =>
        [...codeOf(file).matchAll(IMPORT)].flatMap(([, names = '', from, alone]) => {
          const module = from ?? alone ?? '';
          if (module.startsWith('#') || module.startsWith('.')) return [];
          const allowed = Object.hasOwn(PURE, module) ? PURE[module] : undefined;
          if (allowed === 'all') return [];
          const taken = names.replaceAll(/[{}]|\btype\s/g, '').split(',');
          const strange = taken
            .map((name) => name.trim().replace(/\sas\s.*/, ''))
            .filter((name) => name !== '' && !allowed?.includes(name));
          return allowed !== undefined && strange.length === 0 && from !== undefined
            ? []
            : [`${file} -> ${module} ${strange.join(', ')}`];
        }),
      );
      expect(refused).toEqual([]);
    });

    test('ask no clock, no chance, no environment: all of it is passed in', () => {
      const refused = pure.flatMap((file) =>
        [...codeOf(file).matchAll(IMPURE)].map(([what]) => `${file}: ${what}`),
      );
      expect(refused).toEqual([]);
    });
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
