import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Change } from '#shared/capabilities/table.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { marshallItem } from '#shared/lambda/attribute-value.ts';
import type { StreamEvent } from '#shared/lambda/on-change.ts';
import { request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler } from './handler.ts';

/** The changes as a stream hands them over. */
function streamed(changes: readonly Change[]): StreamEvent {
  return {
    Records: changes.map(({ keys, after }, at) => ({
      eventName: 'INSERT',
      dynamodb: {
        Keys: marshallItem({ ...keys }),
        ...(after && { NewImage: marshallItem(after) }),
        SequenceNumber: String(at),
      },
    })),
  };
}

describe('the registry’s outbox', () => {
  let home: RegistryHome;
  beforeEach(() => {
    home = openRegistryHome();
  });
  afterEach(() => home.close());

  test('puts each change on the bus as its contract says, and nothing else', async () => {
    const body = { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b', tags: ['bench'] };
    await home.invoke(register, request({ body }));
    await home.invoke(handler, streamed(home.changes()));
    expect(home.bus).toHaveLength(1);
    const [event] = home.bus;
    expect(event).toMatchObject({ source: DeviceChanged.source, type: DeviceChanged.type });
    expect(DeviceChanged.detail.parse(event?.detail)).toEqual(event?.detail);
    expect(event?.detail.id).toBe(event?.id);
  });
});
