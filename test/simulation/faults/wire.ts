import { type Chance, never } from './chance.ts';
import type { Carry, Fault } from './fault.ts';

const HOUR_MS = 3_600_000;
const LATE_MS = 120_000;

/** The same three misfortunes befall messages on their way up and on their way down. */
function dropping(carry: Carry, chance: Chance, lost: () => Promise<void>): Carry {
  return (wire) => (chance.happens(`${wire.kind} of ${wire.thing}`) ? lost() : carry(wire));
}

function doubling(carry: Carry, chance: Chance): Carry {
  return async (wire) => {
    await carry(wire);
    if (!chance.happens(`${wire.kind} of ${wire.thing}`)) return;
    // Nobody hears of a repeat that fails.
    chance.world.after(chance.upTo(LATE_MS), () => void carry(wire).catch(() => undefined));
  };
}

/** Late enough that later ones overtake it. */
function delaying(carry: Carry, chance: Chance): Carry {
  return async (wire) => {
    if (chance.happens(`${wire.kind} of ${wire.thing}`)) await chance.pause(chance.upTo(LATE_MS));
    await carry(wire);
  };
}

/** A message that never arrives is not acknowledged: nobody knows. */
const unknown = (): Promise<void> => Promise.reject(new Error('no acknowledgement'));

export const uplinkDropped: Fault = {
  name: 'uplink-dropped',
  what: 'a message of a device never reaches the broker',
  most: 0.3,
  up: (carry, chance) => dropping(carry, chance, unknown),
};

export const ackLost: Fault = {
  name: 'puback-lost',
  what: 'the broker takes a message of a device, and the device never learns of it',
  most: 0.3,
  up: (carry, chance) => async (wire) => {
    await carry(wire);
    if (chance.happens(`${wire.kind} of ${wire.thing}`)) await never();
  },
};

export const uplinkDuplicated: Fault = {
  name: 'uplink-duplicated',
  what: 'a message of a device arrives twice, the second up to two minutes later',
  most: 0.3,
  up: doubling,
};

export const uplinkDelayed: Fault = {
  name: 'uplink-delayed',
  what: 'a message of a device is up to two minutes late, and others overtake it',
  most: 0.3,
  up: delaying,
};

export const downlinkDropped: Fault = {
  name: 'downlink-dropped',
  what: 'a message to a device is lost',
  most: 0.3,
  down: (carry, chance) => dropping(carry, chance, () => Promise.resolve()),
};

export const downlinkDuplicated: Fault = {
  name: 'downlink-duplicated',
  what: 'a message to a device arrives twice, the second up to two minutes later',
  most: 0.3,
  down: doubling,
};

export const downlinkDelayed: Fault = {
  name: 'downlink-delayed',
  what: 'a message to a device is up to two minutes late, and others overtake it',
  most: 0.3,
  down: delaying,
};

export const permitAnHourLate: Fault = {
  name: 'permit-an-hour-late',
  what: 'an answer to a permit request is delivered an hour late, as queued MQTT messages are',
  most: 0.2,
  down: (carry, chance) => async (wire) => {
    if (wire.kind === 'permit' && chance.happens(`to ${wire.thing}`)) {
      // In its own time, or in the quiet after the storm.
      await chance.pause(HOUR_MS / 4 + chance.upTo((3 * HOUR_MS) / 4));
    }
    await carry(wire);
  },
};
