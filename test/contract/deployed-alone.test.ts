import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { packageStack, ROOT } from '../../build/package-stacks.ts';
import { templateIn } from '../../build/packaged-functions.ts';
import { referencesIn } from './stack-references.ts';

const STAGE = 'alone';
const PAGE = readFileSync(path.join(ROOT, 'docs/contracts.md'), 'utf8');
const services = readdirSync(path.join(ROOT, 'services'));
const directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-alone-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A tree with that service and what all services share, and no other service. */
function treeOf(service: string): string {
  const root = path.join(directory, service);
  mkdirSync(root);
  for (const part of ['package.json', 'tsconfig.json', 'shared', 'build', `services/${service}`])
    cpSync(path.join(ROOT, part), path.join(root, part), {
      recursive: true,
      filter: (file) => !/[\\/]\.(serverless|esbuild)$/.test(file),
    });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  return root;
}

/** What the page says that a stack needs of others. */
function writtenFor(service: string): { readonly imports: string[]; readonly names: string[] } {
  const rows = [...PAGE.matchAll(/^\| `([a-z-]+)` +\| (export|name) +\| ([\w-]+) +\| (.+?) +\|$/gm)]
    .map(([, what = '', how, , users = '']) => ({ what, how, users: users.split(', ') }))
    .filter(({ users }) => users.includes(service));
  const of = (kind: string) =>
    rows
      .filter(({ how }) => how === kind)
      .map(({ what }) => what)
      .sort();
  return { imports: of('export'), names: of('name') };
}

describe.each(services)('%s', (service) => {
  test('is packaged where no other service is, and needs of others what is written, and nothing else', async () => {
    const root = treeOf(service);
    const { complaints, folder } = await packageStack(
      { name: service, folder: path.join(root, 'services', service) },
      { stage: STAGE, region: 'eu-central-1', out: path.join(directory, 'out') },
    );
    expect(readdirSync(path.join(root, 'services'))).toEqual([service]);
    expect(complaints).toEqual([]);
    expect(referencesIn(templateIn(folder), STAGE)).toEqual(writtenFor(service));
  }, 600_000);
});
