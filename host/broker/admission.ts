import type { ConnectPacket, PublishPacket } from 'aedes';
import type { DeviceAction, DevicePolicy } from '#host/iot/policy/device-policy.ts';
import { topicFilterRefusal } from '#host/iot/topic-filter.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { connectFault } from './connect-rules.ts';
import { MAX_PAYLOAD_BYTES } from './frame-gate.ts';
import type { Peer } from './peer.ts';

/** IoT Core: so many subscriptions on one connection. */
const MOST_FILTERS = 50;

/** Decides what a connection may do: IoT Core's limits first, then the policy of all devices. */
export class Admission {
  readonly #policy: DevicePolicy;

  constructor(policy: DevicePolicy) {
    this.#policy = policy;
  }

  /** Takes down who the client says it is; answers why it may not connect, if so. */
  connecting(peer: Peer, packet: ConnectPacket): string | undefined {
    const { clientId } = packet;
    const { thing, attributes } = peer.attachment;
    const isAttached = clientId === thing;
    // Variables of the thing are only there for a client that is called as its thing is (AWS IoT, "Thing policy variables").
    peer.allowed.clear();
    peer.identity = { clientId, thingName: isAttached ? thing : undefined, attributes, isAttached };
    const fault = connectFault(packet);
    if (fault !== undefined) return fault;
    return this.#allows(peer, 'iot:Connect', clientId)
      ? undefined
      : 'the policy must allow this client id to connect';
  }

  /** Throws `RefusedError` for what IoT Core ends a connection for. */
  checkPublish(peer: Peer, packet: PublishPacket): void {
    const { topic, payload, qos, retain } = packet;
    if (qos === 2) throw new RefusedError('qos', 'must be 0 or 1');
    if (payload.length > MAX_PAYLOAD_BYTES)
      throw new RefusedError('payload', `must be at most ${MAX_PAYLOAD_BYTES} bytes`);
    if (!this.#allows(peer, 'iot:Publish', topic))
      throw new RefusedError('topic', `must be one that the policy allows to publish to, not ${topic}`);
    if (retain && !this.#allows(peer, 'iot:RetainPublish', topic))
      throw new RefusedError('retain', `must be allowed by the policy on ${topic}`);
  }

  /** Counts a filter as subscribed to; answers why it may not be, if so. */
  subscribing(peer: Peer, filter: string, qos: number): string | undefined {
    const fault = topicFilterRefusal(filter);
    if (fault !== undefined) return `the filter ${fault}`;
    if (qos === 2) return 'QoS 2 is not served';
    if (!this.#allows(peer, 'iot:Subscribe', filter)) return `the policy must allow subscribing to ${filter}`;
    if (peer.filters.size >= MOST_FILTERS && !peer.filters.has(filter))
      return `at most ${MOST_FILTERS} subscriptions`;
    peer.filters.add(filter);
    return undefined;
  }

  mayReceive(peer: Peer, topic: string): boolean {
    return this.#allows(peer, 'iot:Receive', topic);
  }

  #allows(peer: Peer, action: DeviceAction, name: string): boolean {
    const { identity, allowed } = peer;
    if (identity === undefined) return false;
    if (allowed.get(action) === name) return true;
    const isAllowed = this.#policy.allows(action, name, identity);
    if (isAllowed) allowed.set(action, name);
    return isAllowed;
  }
}
