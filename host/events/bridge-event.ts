import type { BusEvent } from '#shared/capabilities/bus.ts';

/** An event as EventBridge hands it to a rule's target. */
export interface BridgedEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in whole seconds, as EventBridge writes it. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: BusEvent['detail'];
}

/** The shape in which rules match an event, and functions get it. */
export function bridgeEvent(event: BusEvent, publishedAtMs: number): BridgedEvent {
  return {
    version: '0',
    id: event.id,
    'detail-type': event.type,
    source: event.source,
    account: '000000000000',
    time: `${new Date(publishedAtMs).toISOString().slice(0, 19)}Z`,
    region: 'local',
    resources: [],
    detail: event.detail,
  };
}
