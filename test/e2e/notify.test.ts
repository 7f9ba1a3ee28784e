import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as behaviours from '#device/fleet/behaviours.ts';
import { type Received, WebhookReceiver } from '#host/testing/webhook-receiver.ts';
import { controlRollout, resumeRollout } from '../../cli/actions/rollouts.ts';
import { ServedFleet } from './served-fleet.ts';

const HALTS_SOON = {
  stages: [{ name: 'all', percent: '100%' }],
  halt: { failureRate: '0.1%', suspectAtLeast: '2s', silentAfter: '12s', installWithin: '10s' },
  permitFor: '20s',
  settle: '60s',
};
/** Goes on until somebody does something: its second stage waits for proofs that nobody gives. */
const WAITS = {
  selector: 'tag("nobody")',
  stages: [
    { name: 'first', tag: 'nobody' },
    { name: 'all', percent: '100%' },
  ],
};

describe('a host that tells a webhook', () => {
  let served: ServedFleet;
  const receiver = new WebhookReceiver();

  beforeAll(async () => {
    await receiver.listen();
    const failing = behaviours.failing('flash-write');
    served = await ServedFleet.start(10, () => failing, undefined, ['--notify', receiver.url]);
  });

  afterAll(async () => {
    await served.stop();
    await receiver.close();
  });

  /** What was received of the change that was made with that reason, once there is so much. */
  async function toldOf(reason: string, times = 1): Promise<readonly Received[]> {
    const ofIt = () => receiver.all.filter(({ body }) => body.reason === reason);
    await receiver.until(() => ofIt().length >= times);
    return ofIt();
  }

  test('is heard when a rollout halts by itself, in words, with what to do next', async () => {
    const rollout = await served.rollOut('2.0.0', HALTS_SOON);
    const ofIt = () => receiver.all.filter(({ body }) => body.rollout === rollout);
    await receiver.until(() => ofIt().length >= 2);
    const [launched, halted] = ofIt();
    expect(launched?.body).toMatchObject({ change: 'launched', needsPerson: false, release: 'cam/2.0.0' });
    expect(halted?.body).toMatchObject({
      what: 'rollout-changed',
      change: 'halted',
      state: 'halted',
      stage: 'all',
      actor: 'evenkeel',
      needsPerson: true,
      tenant: 'demo',
      host: 'localhost',
      rollout,
    });
    expect(halted?.body.text).toContain('cam/2.0.0 (demo) HALTED in stage all by itself: ');
    expect(halted?.body.text).toContain(`npx evenkeel rollout show ${rollout}`);
    expect(halted?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': halted?.body.id,
    });
  });

  test('comes again with the same id until the receiver takes it, whatever becomes of either meanwhile', async () => {
    const rollout = await served.rollOut('3.0.0', WAITS);
    await receiver.until((all) => all.some(({ body }) => body.rollout === rollout));

    let refusals = 2;
    receiver.answer = () => (refusals-- > 0 ? 500 : 204);
    await controlRollout(served.client, rollout, 'pause', 'answered 500');
    const refused = await toldOf('answered 500', 3);
    expect(new Set(refused.map(({ text }) => text)).size).toBe(1);

    // It never answers: only a new process may send it again so soon.
    receiver.answer = () => undefined;
    await resumeRollout(served.client, rollout, 'killed in the middle');
    await toldOf('killed in the middle');
    await served.kill();
    receiver.answer = () => 204;
    await served.restart();
    const [cutOff, again] = await toldOf('killed in the middle', 2);
    expect(again?.body).toEqual(cutOff?.body);
    const starts = await receiver.until((all) => all.some(({ body }) => body.awayFrom !== undefined));
    const [restarted] = starts.filter(({ body }) => body.awayFrom !== undefined);
    expect(restarted?.body).toMatchObject({ what: 'host-started', needsPerson: false });
    expect(String(restarted?.body.awayFrom) < String(restarted?.body.at)).toBe(true);

    await receiver.close();
    await controlRollout(served.client, rollout, 'pause', 'nobody listens');
    await served.kill();
    await served.restart();
    await receiver.listen();
    // The event may come to the bus twice around a kill: the receiver knows it by its id.
    const kept = await toldOf('nobody listens');
    expect(new Set(kept.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });
});
