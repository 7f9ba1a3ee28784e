import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** Options that npm has too: people set them for npm in an `.npmrc`, and mean nothing of ours by it. */
const OF_NPM: ReadonlySet<string> = new Set(['ca', 'cert', 'json', 'key', 'name', 'prefix', 'version']);

/**
 * `parseArgs` of Node for a program that npm starts. Options that stand before `--` are npm's, which hands them to nobody and goes on:
 * `npm start --data=/srv/prod` would serve an empty directory. Throws `ConfigurationError` for such a one, else as `parseArgs` does.
 * `env` is the environment as npm made it: `npm_config_data`.
 */
export function parseOptions<const T extends ParseArgsConfig>(
  config: T,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ReturnType<typeof parseArgs<T>> {
  const { npm_lifecycle_event: script } = env;
  const taken = Object.keys(config.options ?? {}).find(
    (name) => !OF_NPM.has(name) && env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  );
  if (script === undefined || taken === undefined) return parseArgs(config);
  const command = script === 'start' ? 'npm start' : `npm run ${script}`;
  throw new ConfigurationError(
    `npm took --${taken} for itself: options of this program stand after two dashes: ${command} -- --${taken} ...`,
  );
}
