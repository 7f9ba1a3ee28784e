import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import esbuildPlugins from './esbuild-plugins.ts';
import { withPureSchemas } from './unused-schemas.ts';

/** A program beside the bundle, which says what the process has loaded at a time. */
const program = (steps: string) => `
  const { basename } = require('node:path');
  const files = () => Object.keys(require.cache).map((file) => basename(file)).filter((file) => file !== 'program.cjs');
  const loaded = () => ({ files: files(), crypto: process.moduleLoadList.includes('NativeModule crypto') });
  const told = [];
  const tell = () => told.push(loaded());
  const { handler } = require('./handler.cjs');
  tell();
  (async () => {
    ${steps}
    console.log(JSON.stringify(told));
  })();
`;

const out = mkdtempSync(path.join(tmpdir(), 'evenkeel-bundle-'));
afterAll(() => rmSync(out, { recursive: true }));

/** Bundles a fixture as the framework bundles a function. */
async function bundled(fixture: string): Promise<string> {
  const outdir = path.join(out, fixture);
  await build({
    entryPoints: [path.join(import.meta.dirname, `fixtures/${fixture}/handler.ts`)],
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    plugins: esbuildPlugins(),
  });
  return outdir;
}

function programIn(folder: string, steps: string): string {
  const file = path.join(folder, 'program.cjs');
  writeFileSync(file, program(steps));
  return file;
}

function run(folder: string, steps: string, env: Readonly<Record<string, string>> = {}): unknown {
  return JSON.parse(execFileSync(process.execPath, [programIn(folder, steps)], { encoding: 'utf8', env }));
}

describe('a bundle', () => {
  let folder: string;
  const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  beforeAll(async () => {
    folder = await bundled('parser');
  });

  test('is two files, of which the second holds the libraries', () => {
    expect(readdirSync(folder).sort()).toEqual(['handler.cjs', 'handler.late.cjs']);
    const holdsParser = (file: string) => read(file).includes('YAMLException');
    expect([holdsParser('handler.cjs'), holdsParser('handler.late.cjs')]).toEqual([false, true]);
    expect(read('handler.cjs').length).toBeLessThan(read('handler.late.cjs').length);
  });

  test('loads the libraries and node:crypto when they are needed, and not before', () => {
    expect(run(folder, "told.push(handler('acme')); tell();")).toEqual([
      { files: ['handler.cjs'], crypto: false },
      {
        tenant: 'acme',
        digest: '822b33ad87c148a0a20a5ba7cd5ebcaa68d36a18e7aad165554903f52ca82757',
        maker: true,
      },
      { files: ['handler.cjs', 'handler.late.cjs'], crypto: true },
    ]);
  });

  test('holds the schemas that the function uses, and no other of the same module', () => {
    expect(read('handler.cjs')).toContain('must be 1 to 20 of a-z');
    expect(read('handler.cjs')).not.toContain('Crockford');
  });
});

describe('an instance', () => {
  const LATER = "await require('node:timers/promises').setImmediate(); await undefined; tell();";
  const ON_LAMBDA = {
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'eu-central-1',
    SERVICE: 'parrot',
  };
  const Q = 'https://sqs.eu-central-1.amazonaws.com/123456789012/q';
  let folder: string;
  beforeAll(async () => {
    folder = await bundled('scheduled');
  });

  test('that starts on Lambda binds before its first event', () => {
    expect(run(folder, LATER, { ...ON_LAMBDA, Q })).toMatchObject([
      { files: ['handler.cjs'] },
      { files: ['handler.cjs', 'handler.late.cjs'] },
    ]);
  });

  test('does what it was called for with its libraries', () => {
    const call = "told.push(await handler({ id: 'event' }, { awsRequestId: 'request' }));";
    const logged = { level: 'INFO', message: 'done', service: 'parrot', correlation_id: 'request' };
    const said = execFileSync(process.execPath, [programIn(folder, call)], {
      encoding: 'utf8',
      env: { ...ON_LAMBDA, Q },
    });
    const [line = '', told = ''] = said.trim().split('\n');
    expect(JSON.parse(line)).toMatchObject(logged);
    expect(JSON.parse(told)).toEqual([{ files: ['handler.cjs'], crypto: false }, null]);
  });

  test('anywhere else waits for one', () => {
    expect(run(folder, LATER, { Q })).toMatchObject([{ files: ['handler.cjs'] }, { files: ['handler.cjs'] }]);
  });

  test('that lacks a variable lives, and tells each call which', () => {
    const call = 'await handler({}, {}).catch(({ name, message }) => told.push(name + ": " + message));';
    const missing = 'ConfigurationError: the function has no environment variable Q';
    expect(run(folder, `${LATER} ${call} ${call}`, ON_LAMBDA)).toMatchObject([{}, {}, missing, missing]);
  });
});

test('only what is made by a call is marked as pure, and stays as it is', () => {
  const text = 'const one = 1;\nexport const Two = z.object({ a: z.string() }), three = () => z.string();\n';
  expect(withPureSchemas('module.ts', text)).toBe(
    'const one = 1;\nexport const Two = /* @__PURE__ */ (() => z.object({ a: z.string() }))(), three = () => z.string();\n',
  );
});
