import type { DevicePublish } from './triggers/device-publish.ts';

/** Interim: replaced by host/iot/sql. Knows the one SELECT of the device protocol. */
export function compileRuleSql(sql: string): {
  readonly takes: (topic: string) => boolean;
  readonly select: (message: DevicePublish) => unknown;
} {
  const filter = /FROM '([^']+)'/.exec(sql)?.[1] ?? '';
  const pattern = new RegExp(
    `^${filter.replace(/[$.]/g, '\\$&').replaceAll('+', '[^/]*').replace('#', '.*')}$`,
  );
  return {
    takes: (topic) => pattern.test(topic),
    select: ({ topic, payload, clientId, principal, atMs }) => ({
      payload: Buffer.from(payload).toString('base64'),
      thing: topic.split('/')[1],
      client: clientId,
      certificate: principal,
      at: atMs,
    }),
  };
}
