import { ConfigurationError } from '#shared/errors/errors.ts';
import { isRecord } from './json.ts';
import type { CounterAlarm } from './service-definition.ts';

/** Reads `custom.alarms`, which lists the counters that must not rise. Throws `ConfigurationError` for an entry that is none. */
export function readAlarms(custom: unknown, file: string): CounterAlarm[] {
  const alarms = isRecord(custom) ? (custom.alarms ?? []) : [];
  if (!Array.isArray(alarms)) throw new ConfigurationError(`${file}: custom.alarms must be a list`);
  return alarms.map((alarm: unknown, at) => {
    const { metric, minutes, description } = isRecord(alarm) ? alarm : {};
    if (typeof metric === 'string' && typeof minutes === 'number' && typeof description === 'string')
      return { metric, minutes, description };
    throw new ConfigurationError(`${file}: custom.alarms[${at}] must have metric, minutes and description`);
  });
}
