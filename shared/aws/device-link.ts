import {
  DeleteConnectionCommand,
  IoTDataPlaneClient,
  PublishCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot-data-plane';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { calling } from './aws-error.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';

/** AWS IoT: a message has at most 128 KB. */
const PAYLOAD_LIMIT_BYTES = 128 * 1024;

/** The devices behind the data endpoint that the variable names. */
export function open({ resource }: AwsSource): DeviceLink {
  return new IotDeviceLink(new IoTDataPlaneClient({ ...CLIENT_SETTINGS, endpoint: resource }));
}

/** `DeviceLink` on AWS IoT Core. */
export class IotDeviceLink implements DeviceLink {
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    if (payload.byteLength > PAYLOAD_LIMIT_BYTES) throw new RefusedError('payload', 'must be at most 128 KB');
    const request = new PublishCommand({ topic, payload, qos: 0 });
    await calling('iot:Publish', topic, () => this.#client.send(request));
  }

  async disconnect(thing: string): Promise<void> {
    const request = new DeleteConnectionCommand({ clientId: thing });
    await calling('iot:DeleteConnection', thing, async () => {
      try {
        await this.#client.send(request);
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    });
  }
}
