import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrokerClients, startBrokerClients } from '#host/testing/broker-clients.ts';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';

const CONNACK = 0x20;
const SERVER_UNAVAILABLE = 3;

let devices: BrokerClients;
beforeAll(async () => {
  devices = await startBrokerClients();
});
afterAll(() => devices.host.stop());
afterEach(() => devices.endAll());

/** A connection of a device that has not said CONNECT yet, and its end. */
async function newSocket({ certificatePem, privateKeyPem = '', authorityPem }: IssuedCertificate) {
  const { mqttPort: port } = devices.host.serving.file;
  const own = { ca: authorityPem, cert: certificatePem, key: privateKeyPem };
  const socket = tlsConnect({ port, host: 'localhost', ...own });
  socket.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // A ticket for the next time comes once the host has looked at the certificate.
  await once(socket, 'session');
  await setImmediate();
  return { socket, gone };
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
}

/** CONNECT of MQTT 3.1.1 with a keep-alive of 60 s, and SUBSCRIBE to all topics of that thing, in one piece. */
function connectAndSubscribe(thing: string): Buffer {
  const connect = [text('MQTT'), Buffer.from([4, 2, 0, 60]), text(thing)];
  const subscribe = [Buffer.from([0, 1]), text(`ek/${thing}/+`), Buffer.from([1])];
  const packet = (type: number, parts: readonly Buffer[]) => {
    const body = Buffer.concat(parts);
    return [Buffer.from([type, body.length]), body];
  };
  return Buffer.concat([...packet(0x10, connect), ...packet(0x82, subscribe)]);
}

/** Answers with the one that is left once all others have ended. */
function lastOf<One extends { readonly gone: Promise<void> }>(all: readonly One[]): Promise<One | undefined> {
  const open = new Set(all);
  return new Promise((resolve) => {
    for (const one of all) {
      void one.gone.then(() => {
        open.delete(one);
        if (open.size === 1) resolve([...open][0]);
      });
    }
  });
}

describe('several connections with one client id', () => {
  it('are one in the end when they come at once, and that one goes with its certificate', async () => {
    const { thing, certificate } = await devices.newThing();
    const first = await newSocket(certificate);
    first.socket.write(connectAndSubscribe(thing));
    const [answer] = await once(first.socket, 'data');
    expect(answer[0]).toBe(CONNACK);
    const others = await Promise.all(Array.from({ length: 6 }, () => newSocket(certificate)));
    const last = lastOf([first, ...others]);
    for (const { socket } of others) socket.resume().write(connectAndSubscribe(thing));
    const { gone } = (await last) ?? first;
    expect(devices.host.serving.broker.connections).toBe(1);
    await devices.host.identity.revoke(thing, certificate.certificateId);
    await gone;
  });

  it('may take over from each other 60 times in a row, and then once a second, which the log tells', async () => {
    const { thing, certificate } = await devices.newThing();
    const others = await devices.newThing();
    let letIn = 0;
    for (let code = 0; code === 0; letIn += code === 0 ? 1 : 0) {
      const { socket } = await newSocket(certificate);
      const answer = once(socket, 'data');
      socket.write(connectAndSubscribe(thing));
      const [connack] = await answer;
      code = connack[3];
      if (code !== 0) expect(code).toBe(SERVER_UNAVAILABLE);
    }
    // More where the machine is slow: one is let in each second.
    expect(letIn).toBeGreaterThanOrEqual(60);
    const said = devices.host.lines.filter(
      ({ client, rule }) => client === thing && /once a second/.test(String(rule)),
    );
    expect(said).toMatchObject([{ reason: 'THROTTLED' }]);
    const other = await devices.host.connect(others.thing, others.certificate);
    expect(other.connected).toBe(true);
  });
});
