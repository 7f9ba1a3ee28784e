import { keyIdOf, keysOf, pushRelease } from '../operators/manufacturer.ts';
import type { Operator } from '../operators/operator.ts';
import { PRODUCT } from '../run/scenario.ts';
import type { Fault } from './fault.ts';
import { atAnyMoment } from './worst-moment.ts';

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

/** The release that is made and published while its key is withdrawn, and how long its writes wait at most. */
const RACING = { version: '1.7.0', sequence: 7, hardware: ['cam-rev-b'] } as const;
const WAITS_MS = 2_000;

export const racesWithdrawal: Fault = {
  name: 'publish-races-withdrawal',
  what: 'a key is withdrawn between the read of it and the write of a release that it has signed, as that is made or published',
  most: 0.5,
  table: (table, chance) => ({
    get: (keys, options) => table.get(keys, options),
    query: (query) => table.query(query),
    putAll: (items) => table.putAll(items),
    write: (write) => table.write(write),
    transact: async (writes, options) => {
      const isRacing = writes.some((one) => 'put' in one && one.put.sk === `release#${RACING.version}`);
      if (isRacing && chance.isArmed) await chance.pause(chance.upTo(WAITS_MS));
      return table.transact(writes, options);
    },
  }),
  begin: (stage, chance) => {
    const { operator } = stage;
    const raced = new Set<string>();
    atAnyMoment(stage, chance, async (tenant) => {
      if (raced.has(tenant)) return;
      raced.add(tenant);
      // A key of its own: what else is published goes on.
      const keys = keysOf(`${tenant}, spare`);
      const ofKeys = `/products/${PRODUCT}/keys`;
      await operator.insist(tenant, 'POST', ofKeys, { name: 'spare', publicKey: keys.publicKey });
      const push = () =>
        pushRelease({ tenant, product: PRODUCT, ...RACING }, keys, operator, () => stage.host);
      const publish = () => operator.call(tenant, 'POST', `/releases/${PRODUCT}/${RACING.version}/publish`);
      const isToPublish = chance.stream.happens(0.5);
      if (isToPublish && !((await push()) && (await isVerified(operator, tenant, RACING.version)))) return;
      const signing = isToPublish ? publish() : push();
      await chance.pause(chance.upTo(WAITS_MS));
      await operator.insist(tenant, 'POST', `${ofKeys}/${keyIdOf(keys)}/withdraw`, {
        reason: 'it was in a log',
        leaveNone: true,
      });
      await signing;
    });
  },
};
