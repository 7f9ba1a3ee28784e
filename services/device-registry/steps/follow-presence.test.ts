import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { Call } from '#shared/lambda/call.ts';
import { viewOf } from '../domain/presence.ts';
import { PresenceStore } from '../stores/presence-store.ts';
import { batch, lifecycle } from '../testing/events.ts';
import { followPresence } from './follow-presence.ts';

const THING = 'acme:cam-0001';

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['device-registry'] });
});
afterEach(() => host.stop());

/** Between a read and the save after it another session begins, so many times. */
class OvertakenStore extends PresenceStore {
  #times: number;

  constructor(times: number) {
    super(host.table('presence'));
    this.#times = times;
  }

  override async find(...asked: Parameters<PresenceStore['find']>) {
    const found = await super.find(...asked);
    if (this.#times > 0) {
      await host.invoke('onDeviceConnected', batch(lifecycle(`other-${this.#times}`, 5_000)));
      this.#times -= 1;
    }
    return found;
  }
}

/** The first session of the device ends; answers how many messages are left, and what is shown then. */
async function endWhile(overtakenTimes: number) {
  await host.invoke('onDeviceConnected', batch(lifecycle('first', 1_000)));
  const body = { ...lifecycle('first', 9_000), clientId: THING };
  const needs = {
    presences: new OvertakenStore(overtakenTimes),
    clock: { now: () => host.world.now(), pause: () => Promise.resolve() },
  };
  // Following asks a call only to count strangers, and there are none.
  const call = { count: () => undefined } as unknown as Call;
  const message = { body, sentAtMs: 9_000, receiveCount: 1 };
  const { retry } = await followPresence('disconnected', [message], needs, call);
  const [kept] = await new PresenceStore(host.table('presence')).find([THING], { consistent: true });
  return {
    left: retry.length,
    open: Object.keys(kept?.presence.open ?? {}),
    shown: kept && viewOf(kept.presence),
  };
}

test('the end of a session is taken at its first delivery although the next one begins meanwhile', async () => {
  expect(await endWhile(2)).toEqual({
    left: 0,
    open: ['other-2', 'other-1'],
    shown: { connected: true, sinceMs: 5_000 },
  });
});

test('what others are writing time after time comes again', async () => {
  expect(await endWhile(3)).toMatchObject({ left: 1, open: expect.arrayContaining(['first']) });
});
