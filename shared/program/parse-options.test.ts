import { expect, test } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { parseOptions } from './parse-options.ts';

const OPTIONS = { data: { type: 'string', default: 'data' }, 'http-port': { type: 'string' } } as const;
const read = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  parseOptions({ args: [...args], options: { ...OPTIONS, prefix: { type: 'string' } } }, env).values;

test('options that reach the program are read as ever', () => {
  const npm = { npm_lifecycle_event: 'start', npm_config_prefix: '/usr', npm_config_loglevel: 'warn' };
  expect(read(['--data', 'x'], npm)).toEqual({ data: 'x' });
  expect(read([], { npm_config_data: 'of another program' })).toEqual({ data: 'data' });
});

test.each([
  // As npm sets them for `--data=x`, and for `--data x`, of which it leaves the x.
  [['start', 'data', 'x'], [], /^npm took --data for itself: .* npm start -- --data/],
  [['start', 'data', 'true'], ['x'], /^npm took --data for itself/],
  [['fleet', 'http_port', '0'], [], /npm run fleet -- --http-port/],
])('options that npm took are refused rather than missed: %j', ([script, name, value], args, message) => {
  const env = { npm_lifecycle_event: script ?? '', [`npm_config_${name}`]: value ?? '' };
  expect(() => read(args, env)).toThrow(ConfigurationError);
  expect(() => read(args, env)).toThrow(message);
});
