import { keyIdOf, keysOf, pushRelease } from '../operators/manufacturer.ts';
import type { Operator } from '../operators/operator.ts';
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

/** Who looks whether an upload is verified gives up after so many looks, a second apart. */
const MOST_LOOKS = 60;

/** Whether the bytes of a release were verified in time, as people see it. */
async function isVerified(operator: Operator, tenant: string, version: string): Promise<boolean> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const { body } = await operator.call(tenant, 'GET', `/releases/${PRODUCT}/${version}`);
    if (body?.state === 'verified') return true;
    await operator.pause(1_000);
  }
  return false;
}

export const withdrawsKey: Fault = {
  name: 'operator-withdraws-key',
  what: 'the key of all releases is withdrawn while they are rolled out, and in that moment something is published that it has signed',
  most: 0.3,
  begin: (stage, chance) => {
    const { operator } = stage;
    const withdrawn = new Set<string>();
    atAnyMoment(stage, chance, async (tenant) => {
      if (withdrawn.has(tenant)) return;
      withdrawn.add(tenant);
      const keys = keysOf(tenant);
      const push = (version: string, sequence: number) => {
        const plan = { tenant, product: PRODUCT, version, sequence, hardware: ['cam-rev-b'] };
        return pushRelease(plan, keys, operator, () => stage.host);
      };
      if (!(await push('1.8.0', 8)) || !(await isVerified(operator, tenant, '1.8.0'))) return;
      const publish = () => operator.call(tenant, 'POST', `/releases/${PRODUCT}/1.8.0/publish`);
      const withdraw = () =>
        operator.insist(tenant, 'POST', `/products/${PRODUCT}/keys/${keyIdOf(keys)}/withdraw`, {
          reason: 'it was in a log',
          leaveNone: true,
        });
      const soon = async (act: () => Promise<unknown>) => {
        await chance.pause(chance.upTo(1_000));
        await act();
      };
      await Promise.all([soon(publish), soon(withdraw)]);
      await publish();
      await push('1.9.0', 9);
    });
  },
};
