import { DeviceChanged } from '../events/device-changed.ts';
import type { OutboxEntry } from '../outbox-entry.ts';

const [detail] = DeviceChanged.examples;

/** Examples of what waits in a table for the bus. */
export const OUTBOX_ENTRY: Readonly<Record<string, OutboxEntry>> = {
  deviceChanged: {
    pk: 'D#acme:cam-0001',
    sk: `outbox#${detail?.id}`,
    source: DeviceChanged.source,
    type: DeviceChanged.type,
    detail: { ...detail },
    expiresAt: 1_780_604_800,
  },
};
