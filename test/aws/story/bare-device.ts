import { connectAsync, type MqttClient } from 'mqtt';
import { downTopic, hintTopic, type Upward, upTopic } from '#shared/contracts/device/topics.ts';
import type { RegisteredDevice } from '../../../cli/actions/devices.ts';
import type { AwsHome } from '../aws-home.ts';

/** What a device heard, and on which topic. */
export interface HeardMessage {
  readonly topic: string;
  readonly text: string;
}

/** A device that says what it is told to, over MQTT with its own certificate. */
export class BareDevice {
  readonly thing: string;
  readonly heard: HeardMessage[] = [];
  readonly #client: MqttClient;

  private constructor(thing: string, client: MqttClient) {
    this.thing = thing;
    this.#client = client;
    client.on('message', (topic, payload) => this.heard.push({ topic, text: payload.toString() }));
  }

  /** Connects, and listens to its own topics and to the hints for its hardware. Rejects when it is not let in. */
  static async connect(
    { mqttPort, authorityPem }: Pick<AwsHome, 'mqttPort' | 'authorityPem'>,
    { thing, certificatePem, privateKeyPem = '' }: RegisteredDevice,
    { product, hardware }: { readonly product: string; readonly hardware: string },
  ): Promise<BareDevice> {
    const client = await connectAsync(
      `mqtts://localhost:${mqttPort}`,
      {
        clientId: thing,
        protocolVersion: 4,
        cert: certificatePem,
        key: privateKeyPem,
        ca: authorityPem,
        reconnectPeriod: 0,
      },
      false,
    );
    const device = new BareDevice(thing, client);
    const [tenant = ''] = thing.split(':');
    await client.subscribeAsync([downTopic(thing, '+' as 'offer'), hintTopic(tenant, product, hardware)]);
    return device;
  }

  /** Resolves once the broker has taken it. */
  async say(kind: Upward, body: unknown): Promise<void> {
    await this.#client.publishAsync(upTopic(this.thing, kind), JSON.stringify(body), { qos: 1 });
  }

  async leave(): Promise<void> {
    await this.#client.endAsync();
  }
}
