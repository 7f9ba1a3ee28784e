import type { ConnectPacket } from 'aedes';
import { topicLimitRefusal } from '#host/iot/topic-limits.ts';

/** IoT Core keeps a connection 30 to 1,200 seconds without a packet; the agreement of the protocol is to say so at once. */
const KEEP_ALIVE_SECONDS = { least: 30, most: 1_200 };

/** IoT Core: a client id has at most 128 bytes. */
const MAX_CLIENT_ID_BYTES = 128;

/** What is wrong with a CONNECT packet, if anything, apart from who sends it and in what protocol. */
export function connectFault(packet: ConnectPacket): string | undefined {
  const { keepalive = 0, clientId, will } = packet;
  if (clientId === '' || Buffer.byteLength(clientId) > MAX_CLIENT_ID_BYTES)
    return `a client id has 1 to ${MAX_CLIENT_ID_BYTES} bytes`;
  const { least, most } = KEEP_ALIVE_SECONDS;
  if (keepalive < least || keepalive > most) return `keep-alive must be ${least} to ${most} seconds`;
  if (will === undefined) return undefined;
  // 3 as well, which the types rule out and the two bits of a packet do not (MQTT 3.1.1, 3.1.2.6).
  if ((will.qos ?? 0) >= 2) return 'the QoS of a will must be 0 or 1';
  return topicLimitRefusal(will.topic);
}
