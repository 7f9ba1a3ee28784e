import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { CALLBACK_PORTS, listenForCallback } from './callback-server.ts';

const AUTHORIZER = path.resolve(import.meta.dirname, '../../shared/serverless/platform/authorizer.yml');

async function withBusyPort(run: (port: number) => Promise<void>): Promise<void> {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  try {
    await run(portOf(squatter));
  } finally {
    await new Promise((resolve) => squatter.close(resolve));
  }
}

describe('the address that a browser is sent back to', () => {
  test('is one of those that the user pool knows, letter by letter', () => {
    const known = [...readFileSync(AUTHORIZER, 'utf8').matchAll(/"(http:\/\/localhost:[^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(known).toEqual(CALLBACK_PORTS.map((port) => `http://localhost:${port}/callback`));
  });

  test('has another port where the first is in use', () =>
    withBusyPort(async (busy) => {
      const callback = await listenForCallback(realWorld, [busy, 0]);
      callback.close();
      expect(callback.redirectUri).toMatch(/^http:\/\/localhost:\d+\/callback$/);
      expect(callback.redirectUri).not.toContain(`:${busy}/`);
    }));

  test('is none where all ports are in use, which is told', () =>
    withBusyPort(async (busy) => {
      await expect(listenForCallback(realWorld, [busy])).rejects.toThrow(
        `the ports ${busy} of this machine are all in use`,
      );
    }));

  test('is closed once the person stops waiting', async () => {
    const callback = await listenForCallback(realWorld, [0]);
    const stop = new AbortController();
    const code = callback.code('state', stop.signal);
    stop.abort();
    await expect(code).rejects.toThrow('the login was stopped');
    callback.close();
  });
});
