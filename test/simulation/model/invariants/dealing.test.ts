import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Item } from '#shared/capabilities/table.ts';
import { scenarioOf } from '../../run/scenario.ts';
import { Known } from '../known.ts';
import { type Fields, takenBy } from '../taken.ts';
import { isDealtWith } from './dealing.ts';

const ATTEMPT = 'attempt-1';
const SAID_MS = 1_000;

describe('what a function takes off its queue', () => {
  let known: Known;
  let thing: string;
  let tenant: string;
  let deviceId: string;
  beforeEach(() => {
    known = new Known(scenarioOf('1'));
    [thing = ''] = known.devices.keys();
    [tenant = '', deviceId = ''] = thing.split(':');
  });

  const device = () => known.devices.get(thing);
  /** The body of a queue message that holds what the device said. */
  const said = (body: object | string) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    return JSON.stringify({
      thing,
      client: thing,
      at: SAID_MS,
      payload: Buffer.from(payload).toString('base64'),
    });
  };
  /** What the model says of a function that has answered that all is done. */
  const verdictOn = (by: string, event: unknown, answer: unknown = undefined) =>
    takenBy({ by, beganMs: SAID_MS, event, answer }).map((taken) => isDealtWith(taken, known));
  const queued = (by: string, body: object | string) =>
    verdictOn(by, { Records: [{ messageId: '1', body: said(body) }] }, { batchItemFailures: [] });
  const told = (by: string, detail: Fields) => verdictOn(by, { detail: { tenant, deviceId, ...detail } });
  const lacking = (what: string) => [{ wrong: expect.stringContaining(what) }];

  /** The row of an attempt of the device. A seed has a release and a rollout at least. */
  function hold(row: Item): void {
    const rollout = {
      id: 'rollout',
      tenant,
      state: 'running',
      stage: 0,
      sinceMs: 0,
      audited: '',
      asksHoldOut: false,
      release: known.scenario.releases[0] as (typeof known.scenario.releases)[number],
      plan: known.scenario.rollouts[0] as (typeof known.scenario.rollouts)[number],
      entries: new Set<string>(),
      hasExcuse: false,
    };
    known.attempts.set(ATTEMPT, { id: ATTEMPT, rollout, thing, grantedMs: 0, row });
  }
  const report = (state: string, more: object = {}) =>
    queued('apply-reports', { attempt: ATTEMPT, events: [{ seq: 3, state }], ...more });

  test.each([
    ['installing', { reached: 'granted' }, { reached: 'installing' }],
    ['installing', { reached: 'granted' }, { reached: 'granted', withdrawn: 1 }],
    ['rebooting', { reached: 'installing' }, { reached: 'rebooting' }],
    ['failed', { reached: 'rebooting' }, { reached: 'rebooting', endedMs: 5 }],
    ['interrupted', { reached: 'installing' }, { reached: 'installing', endedMs: 5 }],
    ['claimed', { reached: 'rebooting' }, { reached: 'rebooting', claimed: 1 }],
  ])('is lost as a report of "%s" whose row is %j, and kept where it is %j', (state, without, as) => {
    device()?.acked.set(ATTEMPT, 3);
    hold(without);
    expect(report(state)).toEqual(lacking(`does not show "${state}"`));
    hold(as);
    expect(report(state)).toEqual(['holds']);
    expect(known.handedOver).toEqual([`${thing} ${SAID_MS} ${ATTEMPT}`]);
  });

  test('is lost as a report that is not answered, unless its device has left or lost its permit', () => {
    hold({ reached: 'installing' });
    device()?.acked.set(ATTEMPT, 2);
    expect(report('installing')).toEqual(lacking('not acknowledged'));
    expect(report('installing', { leaving: true })).toEqual(['holds']);
    device()?.answers.set(`withdrawn ${ATTEMPT}`, SAID_MS);
    expect(report('installing')).toEqual(['holds']);
  });

  test('is kept where it lies with the dead letters, comes again, or was refused since', () => {
    expect(report('installing')).toEqual(lacking('its attempt is not there'));
    expect(queued('apply-reports', 'torn')).toEqual(lacking('not refused'));
    device()?.answers.set('refused report', SAID_MS - 1);
    expect(report('installing')).toEqual(lacking('its attempt is not there'));
    const failed = { batchItemFailures: [{ itemIdentifier: '1' }] };
    expect(verdictOn('apply-reports', { Records: [{ messageId: '1', body: said('torn') }] }, failed)).toEqual(
      [],
    );
    known.deadLetters = () => [said('torn')];
    expect(report('installing')).toEqual(['holds']);
    known.deadLetters = () => [];
    device()?.answers.set('refused report', SAID_MS);
    expect(queued('apply-reports', 'torn')).toEqual(['holds']);
  });

  test('is lost as a check of a boot that nobody noted', () => {
    const check = { components: { main: { version: '2' } }, bootId: 'b2', confirmed: true };
    const seen = (running: Item) => {
      const item = { entityVersion: 1, running };
      const one = device();
      if (one !== undefined) one.item = item;
    };
    seen({ version: '1', bootId: 'b1', confirmed: true, seenAtMs: SAID_MS - 1 });
    expect(queued('apply-reports', check)).toEqual(lacking('what runs there is not noted'));
    seen({ version: '2', bootId: 'b2', confirmed: true, seenAtMs: SAID_MS - 1 });
    expect(queued('apply-reports', check)).toEqual(['holds']);
    seen({ version: '1', bootId: 'b3', confirmed: true, seenAtMs: SAID_MS });
    expect(queued('apply-reports', check)).toEqual(['holds']);
  });

  test('is lost as a request that is not answered, unless its device has asked again', () => {
    device()?.asked.set('n1', SAID_MS);
    expect(queued('request-permit', { nonce: 'n1' })).toEqual(lacking('it was not answered'));
    device()?.asked.set('n2', SAID_MS);
    expect(queued('request-permit', { nonce: 'n1' })).toEqual(['holds']);
    expect(queued('request-permit', { nonce: 'n2' })).toEqual(['holds']);
    device()?.asked.delete('n1');
    expect(queued('request-permit', { nonce: 'n2' })).toEqual(lacking('it was not answered'));
    device()?.answers.set('permit n2', SAID_MS);
    expect(queued('request-permit', { nonce: 'n2' })).toEqual(['holds']);
  });

  test('is lost as an event of which nothing is noted', () => {
    const release = { product: 'cam', version: '1.1.0' };
    const events: [string, Fields][] = [
      ['on-device-changed', { entityVersion: 2 }],
      ['on-release-published', release],
      ['on-release-revoked', release],
      ['on-hearing-interrupted', { untilMs: 7 }],
    ];
    for (const [by, detail] of events) expect(told(by, detail)).toEqual(lacking('takes an event for done'));
    const one = device();
    if (one !== undefined) one.item = { entityVersion: 2 };
    known.items.set(`P#${tenant}#cam release#1.1.0`, { manifest: 'signed' });
    known.withdrawn.set(`${tenant} 1.1.0`, 1);
    known.items.set('hearing hearing', { resumedAtMs: 7 });
    for (const [by, detail] of events) expect(told(by, detail)).toEqual(['holds']);
  });
});
