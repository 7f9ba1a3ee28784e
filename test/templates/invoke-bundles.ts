import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** One bundle to load as Lambda would, and to call with these variables alone. */
export interface BundleCall {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A program of its own, so that a bundle meets Node and not the test runner: reads calls from the file that it is given and
 * writes what each threw, by position.
 */
const [, , callsFile = ''] = process.argv;
const calls: readonly BundleCall[] = JSON.parse(readFileSync(callsFile, 'utf8'));
const require = createRequire(import.meta.url);
const thrown: string[] = [];
for (const { file, environment } of calls) {
  process.env = { ...environment };
  delete require.cache[file];
  const { handler } = require(file);
  try {
    await handler({}, {});
    thrown.push('');
  } catch (error) {
    thrown.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}
process.stdout.write(JSON.stringify(thrown));
