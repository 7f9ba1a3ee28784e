import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { downTopic } from '#shared/contracts/device/topics.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { type RegisteredDevice, registerDevice } from '../../../cli/actions/devices.ts';
import { controlRollout } from '../../../cli/actions/rollouts.ts';
import { BareDevice } from '../story/bare-device.ts';
import { HARDWARE, PRODUCT } from '../story/maker.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';
import { SCALED_DOWN } from './releases.suite.ts';

const FUNCTION = 'rollout-orchestrator/requestPermit';
const TAG = 'pair';
const NAMES = ['bare-8', 'bare-9'];

/** Whether two checks find the same permit free is chance on AWS: here they come in one batch. */
export function describeDirect({ home, maker }: Parts): void {
  describe('two that would begin at once, where one may', () => {
    const registered: RegisteredDevice[] = [];
    const devices: BareDevice[] = [];
    let rollout: string;
    beforeAll(async () => {
      for (const deviceId of NAMES) {
        const facts = { deviceId, product: PRODUCT, hardware: HARDWARE };
        const device = await registerDevice(maker().client, { ...facts, tags: [TAG] });
        registered.push(device);
        devices.push(await BareDevice.connect(home(), device, facts));
      }
      rollout = await maker().rollOut('2.0.0', {
        ...SCALED_DOWN,
        selector: `tag("${TAG}")`,
        permits: 'direct',
        stages: [
          { name: 'one', percent: '50%', gate: { bake: '1h' } },
          { name: 'all', percent: '100%' },
        ],
      });
    }, WITHIN_MS);
    afterAll(async () => {
      await Promise.all(devices.map((device) => device.leave()));
      await controlRollout(maker().client, rollout, 'abort', 'they only asked');
    }, WITHIN_MS);

    /** The check of a device as check-for-update sends it on to the queue of permits. */
    const askedBy = ({ thing, certificateId }: RegisteredDevice, turn: number) => {
      const check = {
        v: 1,
        nonce: `pair-nonce-${turn}`,
        hardware: HARDWARE,
        bootId: 'pair-boot-1',
        confirmed: true,
        components: { main: { version: '1.0.0' } },
        begins: turn,
        within: 60,
      };
      const payload = Buffer.from(JSON.stringify(check)).toString('base64');
      const at = realWorld.now();
      return JSON.stringify({
        payload,
        thing,
        client: thing,
        certificate: certificateId,
        at,
        forwarded: true,
      });
    };
    const told = (kind: 'permit' | 'offer') =>
      devices.flatMap(({ thing, heard }) =>
        heard.filter(({ topic }) => topic === downTopic(thing, kind)).map(({ text }) => JSON.parse(text)),
      );

    test(
      'are told: one its permit with its release, the other when to ask again',
      async () => {
        const [template] = home().deliveries.of(FUNCTION);
        let turn = 0;
        // Until the bus has brought both devices and the rollout knows them.
        await until('both are answered', async () => {
          turn += 1;
          const Records = registered.map((device) => ({ ...template, body: askedBy(device, turn) }));
          await home().functionOf(FUNCTION).invoke({ Records });
          return told('permit').length > 0 && told('offer').length > 0;
        });
        expect(told('permit')).toContainEqual(
          expect.objectContaining({ answer: 'granted', rollout, offer: expect.any(Object) }),
        );
        expect(told('offer')).toContainEqual({
          v: 1,
          nonce: expect.stringMatching(/^pair-nonce-/),
          retryAfter: expect.any(Number),
        });
      },
      WITHIN_MS,
    );
  });
}
