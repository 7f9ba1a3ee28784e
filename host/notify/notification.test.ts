import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bridgeEvent } from '#host/events/bridge-event.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import { HostStarted, notificationOf, TroubleSeen } from './notification.ts';

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/operations.md');
const [EXAMPLE] = RolloutChanged.examples;
if (EXAMPLE === undefined) throw new Error('RolloutChanged has no example');

function told(fields: Partial<RolloutChanged> = {}) {
  const { source, type } = RolloutChanged;
  const detail = { ...EXAMPLE, ...fields };
  return notificationOf(bridgeEvent({ id: 'x', source, type, detail }, 0), 'localhost');
}

describe('a notification', () => {
  it('is what the document shows', () => {
    const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split('## Being told while you sleep');
    const [, json = ''] = /```json\n([^`]*)```/.exec(section) ?? [];
    expect(JSON.parse(json)).toEqual(told());
  });

  it.each([
    [
      'halted',
      'evenkeel',
      true,
      'HALTED in stage canary by itself: why. No more permits are given. Look now: npx',
    ],
    ['paused', 'evenkeel', true, 'was paused in stage canary by itself: why. Look now: npx'],
    ['paused', 'operator:ada', false, 'was paused in stage canary by ada: why. Look: npx'],
    ['stalled', 'evenkeel', true, 'STALLED in stage canary by itself: why. Look now: npx'],
    ['completed', 'evenkeel', false, 'is completed by itself: why. Look: npx'],
  ] as const)('of a rollout that was %s by %s needs a person: %s', (change, actor, needsPerson, words) => {
    const notification = told({ change, actor, reason: 'why' });
    expect(notification.needsPerson).toBe(needsPerson);
    expect(notification.text).toContain(words);
  });

  it('of a change without a reason has no empty one', () => {
    const { text } = told({ change: 'launched', actor: 'operator:ada', reason: '' });
    expect(text).toContain('was launched into stage canary by ada. Look: npx');
  });

  it('of trouble has its name, and its words under the name of the host', () => {
    const { source, type } = TroubleSeen;
    const detail = { id: 'id-1', atMs: 0, trouble: 'reports-dead', text: 'letters lie there' };
    expect(notificationOf(bridgeEvent({ id: 'id-1', source, type, detail }, 0), 'barn')).toEqual({
      id: 'id-1',
      v: 1,
      what: 'trouble',
      host: 'barn',
      at: '1970-01-01T00:00:00.000Z',
      needsPerson: true,
      text: 'Evenkeel on barn: letters lie there',
      trouble: 'reports-dead',
    });
  });

  it('of a start on a backup needs a person, and says what is forgotten', () => {
    const { source, type } = HostStarted;
    const detail = { id: 'x', atMs: 60_000, awayFromMs: 1_000, restoredFromMs: 500 };
    const notification = notificationOf(bridgeEvent({ id: 'x', source, type, detail }, 0), 'barn');
    expect(notification).toMatchObject({
      what: 'host-started',
      needsPerson: true,
      restoredFrom: '1970-01-01T00:00:00.500Z',
      awayFrom: '1970-01-01T00:00:01.000Z',
      text: expect.stringContaining(
        'serves a BACKUP of 1970-01-01T00:00:00.500Z: what happened since is forgotten',
      ),
    });
  });

  it('of a start says since when the host was away, if it was there before', () => {
    const { source, type } = HostStarted;
    const startOf = (fields: object) =>
      notificationOf(
        bridgeEvent({ id: 'x', source, type, detail: { id: 'x', atMs: 60_000, ...fields } }, 0),
        'barn',
      );
    expect(startOf({})).not.toHaveProperty('awayFrom');
    expect(startOf({ awayFromMs: 1_000 })).toMatchObject({
      what: 'host-started',
      needsPerson: false,
      awayFrom: '1970-01-01T00:00:01.000Z',
      text: expect.stringContaining('from 1970-01-01T00:00:01.000Z to 1970-01-01T00:01:00.000Z'),
    });
  });
});
