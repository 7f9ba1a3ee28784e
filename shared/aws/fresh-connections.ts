import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { World } from '#shared/world/world.ts';

/**
 * Connections that were not used for so long are not used again. "Lambda purges idle connections over time. Attempting to reuse an idle
 * connection when invoking a function will result in a connection error" (AWS, best practices for Lambda functions): an instance that was
 * frozen meanwhile hears of it only when it writes. Longer than any call takes, so that none is under way.
 */
export const KEPT_MS = 20_000;

const usedMs = new WeakMap<DynamoDBClient, number>();

/**
 * That client, on new connections where the last use of it is long ago: for calls that must not be made twice, which nobody repeats when
 * an old connection turns out to be dead. It costs a handshake after a rest.
 */
export function onFreshConnections(client: DynamoDBClient, world: Pick<World, 'now'>): DynamoDBClient {
  const nowMs = world.now();
  const isOld = nowMs - (usedMs.get(client) ?? nowMs) > KEPT_MS;
  usedMs.set(client, nowMs);
  if (isOld) client.config.requestHandler.destroy?.();
  return client;
}
