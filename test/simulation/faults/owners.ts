import { PRODUCT } from '../run/scenario.ts';
import type { Fault } from './fault.ts';
import { atAnyMoment } from './worst-moment.ts';

/** The tag that stages and selectors of the simulation name, and another that nobody asks about. */
const [ASKED_ABOUT, IDLE] = ['lab', 'shelf-3'] as const;

export const tags: Fault = {
  name: 'operator-tags',
  what: 'somebody changes the tags of a device, or of another, while it is offered, asks, gets its permit, begins, reboots or proves itself',
  most: 0.5,
  begin: (stage, chance) => {
    const tagsOf = new Map(
      stage.scenario.devices.map(({ tenant, deviceId, tags: own }) => [`${tenant}:${deviceId}`, own]),
    );
    atAnyMoment(stage, chance, async (tenant, thing) => {
      const others = [...tagsOf.keys()].filter((one) => one.startsWith(`${tenant}:`));
      const whose = chance.stream.happens(0.6) ? thing : chance.stream.pick(others);
      const had = tagsOf.get(whose) ?? [];
      const tag = chance.stream.happens(0.8) ? ASKED_ABOUT : IDLE;
      const has = had.includes(tag) ? had.filter((one) => one !== tag) : [...had, tag];
      tagsOf.set(whose, has);
      await stage.operator.call(tenant, 'PUT', `/devices/${whose.split(':')[1]}/tags`, { tags: has });
    });
  },
};

/** Whoever replaces a device takes so long at most between two steps of it. */
const REPLACED_WITHIN_MS = 60_000;

export const replaces: Fault = {
  name: 'operator-replaces-device',
  what: 'a device is decommissioned at any moment and another unit registered under its id, fresh from the factory, while messages of the one before are on their way',
  most: 0.2,
  begin: (stage, chance) => {
    const replaced = new Set<string>();
    atAnyMoment(stage, chance, async (tenant, thing) => {
      const [traits, before] = [
        stage.scenario.devices.find((one) => `${one.tenant}:${one.deviceId}` === thing),
        stage.fleet.devices.filter((one) => one.thing === thing),
      ];
      // Of two that use one identity nobody knows which to throw away.
      if (replaced.has(thing) || traits === undefined || before.length > 1) return;
      replaced.add(thing);
      const { deviceId, hardware, tags } = traits;
      const isScrappedFirst = chance.stream.happens(0.5);
      if (isScrappedFirst) await before[0]?.scrap();
      await stage.operator.insist(tenant, 'DELETE', `/devices/${deviceId}`);
      await chance.pause(chance.upTo(REPLACED_WITHIN_MS));
      const body = { deviceId, product: PRODUCT, hardware, tags };
      const { status, body: registered } = await stage.operator.insist(tenant, 'POST', '/devices', body);
      if (status !== 201) return;
      await before[0]?.scrap();
      await chance.pause(chance.upTo(REPLACED_WITHIN_MS));
      const unit = stage.fleet.add(traits, registered.certificateId, ' after');
      // Nobody mounts it while everything is switched off: it comes on with the rest.
      const offForMs = stage.offForMs();
      await (offForMs > 0 ? unit.goAway(offForMs) : unit.start());
    });
  },
};

export const addsHardware: Fault = {
  name: 'operator-adds-hardware',
  what: 'two people add hardware to a product at once, while its releases are rolled out',
  most: 0.3,
  begin: (stage, chance) => {
    let revisions = 0;
    atAnyMoment(stage, chance, async (tenant) => {
      revisions += 1;
      const add = async (hardware: string, by: string) => {
        await chance.pause(chance.upTo(1_000));
        await stage.operator.insist(
          tenant,
          'POST',
          `/products/${PRODUCT}/hardware`,
          { hardware: [hardware] },
          by,
        );
      };
      await Promise.all([add(`cam-rev-x${revisions}`, 'ada'), add(`cam-rev-y${revisions}`, 'bob')]);
    });
  },
};
