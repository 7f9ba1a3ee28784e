import { DownloadError } from '#device/agent/ports.ts';
import type { Chance } from './chance.ts';
import type { Fault } from './fault.ts';
import type { Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const MONTH_MS = 30 * 24 * HOUR_MS;

/** Times of a fault that happens `rate` times an hour on average, as long as the world is unkind and not switched off. */
export function nowAndThen(stage: Stage, chance: Chance, run: () => void): void {
  const again = () => {
    const waitMs = (-Math.log(1 - chance.stream.next()) / chance.rate) * HOUR_MS;
    chance.world.after(stage.offForMs() + waitMs, () => {
      if (!chance.isArmed) return;
      if (stage.offForMs() === 0) run();
      again();
    });
  };
  again();
}

export const reboots: Fault = {
  name: 'reboots',
  what: 'a device loses its power at any moment and boots again',
  most: 30,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      const device = chance.stream.pick(stage.fleet.devices);
      if (!device.isRunning) return;
      chance.fired(device.thing);
      void device.cyclePower();
    }),
};

export const vanishes: Fault = {
  name: 'vanishes',
  what: 'a device, or the whole world, is switched off at any moment and comes back a month later',
  most: 6,
  begin: (stage, chance) => {
    let hasShutDown = false;
    nowAndThen(stage, chance, () => {
      const device = chance.stream.pick(stage.fleet.devices);
      if (device.isRunning) {
        chance.fired(device.thing);
        void device.goAway(MONTH_MS);
      }
      // Once in a history, so that who has vanished comes back within it.
      if (hasShutDown || !chance.stream.happens(0.3)) return;
      hasShutDown = true;
      void stage.shutDown(MONTH_MS);
    });
  },
};

export const leaves: Fault = {
  name: 'away',
  what: 'a device is off for up to half an hour',
  most: 10,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      const device = chance.stream.pick(stage.fleet.devices);
      if (!device.isRunning) return;
      chance.fired(device.thing);
      void device.goAway(chance.upTo(HOUR_MS / 2));
    }),
};

export const clones: Fault = {
  name: 'cloned',
  what: 'two units with one certificate are at work at once',
  most: 0.3,
  begin: ({ fleet }, chance) => {
    for (const device of [...fleet.devices]) {
      if (!chance.happens(device.thing)) continue;
      const twin = fleet.add(device.traits, device.certificateId, ' twin');
      chance.world.after(chance.upTo(HOUR_MS / 4), () => void twin.start());
    }
  },
};

export const herd: Fault = {
  name: 'herd',
  what: 'all connections break, and all devices are back within the same millisecond',
  most: 6,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      chance.fired('');
      stage.fleet.broker.isHerd = true;
      stage.fleet.broker.breakAll();
    }),
};

export const deviceClockOff: Fault = {
  name: 'device-clock-off',
  what: 'the wall clock of every device is ten minutes ahead',
  most: 1,
  begin: (_stage, chance) => chance.fired(''),
};

export const newerDevices: Fault = {
  name: 'newer-device',
  what: 'a device of a later version says more than this backend knows',
  most: 0.5,
  up: (carry, chance) => (wire) => {
    if (!chance.happens(wire.thing)) return carry(wire);
    const body = { ...JSON.parse(Buffer.from(wire.payload).toString()), mood: 'curious', v2: { yes: true } };
    return carry({ ...wire, payload: Buffer.from(JSON.stringify(body)) });
  },
};

export const spoiledDownloads: Fault = {
  name: 'download-spoiled',
  what: 'a download brings other bytes than those that were signed, or finds no room',
  most: 0.5,
  downloads: ({ fetch, discard }, chance) => ({
    discard,
    async fetch(wanted, signal) {
      const path = await fetch(wanted, signal);
      if (!chance.happens(wanted.sha256)) return path;
      throw new DownloadError(chance.stream.pick(['mismatch', 'no-space']), 'simulated: it was spoiled');
    },
  }),
};

export const asksUnoffered: Fault = {
  name: 'asks-unoffered',
  what: 'a device asks for a permit of what another one was offered',
  most: 1,
  up: (carry, chance) => {
    const heard = new Map<string, { readonly rollout: string; readonly release: string }>();
    let asked = 0;
    return async (wire) => {
      const [tenant = ''] = wire.thing.split(':');
      const body = JSON.parse(Buffer.from(wire.payload).toString());
      if (wire.kind === 'permit') heard.set(tenant, body);
      const about = heard.get(tenant);
      await carry(wire);
      if (wire.kind !== 'check' || about === undefined || !chance.happens(wire.thing)) return;
      const { rollout, release } = about;
      const { hardware, bootId, components } = body;
      asked += 1;
      const nonce = `gossip-${String(asked).padStart(6, '0')}`;
      const from = components.main.version;
      const request = { v: 1, nonce, rollout, release, hardware, from, bootId };
      await carry({ thing: wire.thing, kind: 'permit', payload: Buffer.from(JSON.stringify(request)) });
    };
  },
};
