import path from 'node:path';
import type { MqttClient } from 'mqtt';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import { type ServedHost, type ServedHostOptions, startServedHost } from './served-host.ts';

const ROOT = path.join(import.meta.dirname, 'fixtures/parrot');

/** What the devices of these tests are registered as. */
export const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };

/** A real host with one function that echoes, and MQTT clients of it, which end with their test. */
export class BrokerClients {
  readonly host: ServedHost;
  #clients: MqttClient[] = [];
  #serial = 0;

  /** For `startBrokerClients`. */
  constructor(host: ServedHost) {
    this.host = host;
  }

  /** A thing of its own for every test, so that the log tells of each. */
  async newThing(): Promise<{ readonly thing: string; readonly certificate: IssuedCertificate }> {
    this.#serial += 1;
    const thing = `acme:cam-${this.#serial}`;
    return { thing, certificate: await this.host.issue(thing, ATTRIBUTES) };
  }

  /** Connects that thing; `options` are those of mqtt.js. */
  async connect(thing: string, certificate: IssuedCertificate, options = {}): Promise<MqttClient> {
    return this.endLater(await this.host.connect(thing, certificate, options));
  }

  /** A thing of its own, connected. */
  async newClient(options = {}) {
    const { thing, certificate } = await this.newThing();
    return { thing, certificate, client: await this.connect(thing, certificate, options) };
  }

  /** The client ends with the test, too. */
  endLater(client: MqttClient): MqttClient {
    this.#clients.push(client);
    return client;
  }

  /** By which rules the host's log says that a thing was refused. */
  rulesSaid(thing: string): string[] {
    return this.host.lines.filter(({ client }) => client === thing).map(({ rule }) => String(rule));
  }

  /** Ends all clients; for the end of each test. */
  async endAll(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.endAsync(true)));
  }
}

/** Starts the host, which may depart in some things from one that users start. */
export async function startBrokerClients(options: ServedHostOptions = {}): Promise<BrokerClients> {
  return new BrokerClients(await startServedHost({ root: ROOT, ...options }));
}

/** The next message of that client, its payload read as JSON. */
export function nextMessage(client: MqttClient): Promise<{ readonly topic: string; readonly json: unknown }> {
  return new Promise((resolve) => {
    client.once('message', (topic, payload) => resolve({ topic, json: JSON.parse(payload.toString()) }));
  });
}

/** Resolves once the connection of that client has ended. */
export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', resolve);
  });
}
