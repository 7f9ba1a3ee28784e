import type { Chance } from './chance.ts';
import { nowAndThen } from './devices.ts';
import type { Fault } from './fault.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;

/** The host loses power, and starts again after so long. */
export function crashFor(stage: Stage, chance: Chance, downMs: number): void {
  stage.host.crash();
  // Who switches everything off meanwhile switches it on again.
  chance.world.after(downMs, () => stage.offForMs() === 0 && stage.host.start());
}

export const crashes: Fault = {
  name: 'crash',
  what: 'the whole host loses power between two instants, and starts again within a minute',
  most: 6,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      chance.fired('');
      crashFor(stage, chance, chance.upTo(MINUTE_MS));
    }),
};

export const longOutage: Fault = {
  name: 'long-outage',
  what: 'the host is down for longer than silentAfter',
  most: 3,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      const downMs = 6 * MINUTE_MS + chance.upTo(9 * MINUTE_MS);
      chance.fired(`for ${Math.round(downMs / MINUTE_MS)} minutes`);
      crashFor(stage, chance, downMs);
    }),
};

export const unstablePower: Fault = {
  name: 'unstable-power',
  what: 'the host loses power for some minutes, comes back, and loses it once more within a minute',
  most: 12,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      const downMs = MINUTE_MS + chance.upTo(4 * MINUTE_MS);
      const upMs = chance.upTo(MINUTE_MS);
      crashFor(stage, chance, downMs);
      chance.world.after(downMs + upMs, () => {
        if (!chance.isArmed || !stage.host.isUp) return;
        chance.fired(`again after ${Math.round(upMs / 1_000)} s`);
        crashFor(stage, chance, chance.upTo(MINUTE_MS));
      });
    }),
};

export const crashesInWrite: Fault = {
  name: 'crash-in-a-write',
  what: 'the whole host loses power after a write was made and before it is on disk: what was not durable is lost',
  most: 0.003,
  begin: (stage, chance) => {
    stage.host.onWrite = () => {
      if (stage.host.isUp && chance.happens('')) crashFor(stage, chance, chance.upTo(MINUTE_MS));
    };
  },
};

/** Things that no function of ours sends. */
const POISON = ['', 'null', '{"rollout":', '{"rollout":"../../etc"}', '{"thing":"x","payload":7}', '[]'];
const OVERSIZE_BYTES = 100_000;

export const poison: Fault = {
  name: 'poison',
  what: 'a message that nobody can read lies in a queue',
  most: 10,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      const { resources } = stage.host.running;
      const queue = chance.stream.pick(resources.queueNames.filter((name) => !name.endsWith('-dead')));
      chance.fired(queue);
      void resources.queue(queue).send([{ body: chance.stream.pick(POISON) || ' ' }]);
    }),
};

export const oversize: Fault = {
  name: 'oversize',
  what: 'a device sends 100 KB, or bytes that are no JSON',
  most: 20,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      const device = chance.stream.pick(stage.fleet.devices);
      const kind = chance.stream.pick(['check', 'permit', 'report', 'inventory'] as const);
      const payload = chance.stream.happens(0.5)
        ? Buffer.alloc(OVERSIZE_BYTES, 0x20)
        : Buffer.from(chance.stream.bytes(64));
      chance.fired(`${kind} of ${device.thing}`);
      stage.host.publishAs(device, kind, payload).catch(() => undefined);
    }),
};
