import { compilePattern } from '#host/events/pattern.ts';
import { openQueue } from '#host/testing/open-queue.ts';
import { openStore } from '#host/testing/open-store.ts';
import { describeBus, type HandedEvent } from '#shared/capabilities/conformance/bus.suite.ts';
import { describeQueue } from '#shared/capabilities/conformance/queue.suite.ts';
import { describeQueueDelivery } from '#shared/capabilities/conformance/queue-delivery.suite.ts';
import { describeTable } from '#shared/capabilities/conformance/table.suite.ts';
import { CONFORMANCE_TABLE } from '#shared/capabilities/conformance/table-subject.ts';
import { Story } from '../run/story.ts';
import { SimulatedWorld } from '../world/simulated-world.ts';
import { FAULTS } from './all.ts';
import { Faults } from './faults.ts';

/** Every fault there is, in its place around the capability, in a world that is kind: what is left must be the capability. */
function inAKindWorld(): Faults {
  const world = new SimulatedWorld('conformance', 0);
  return new Faults(FAULTS, new Map(FAULTS.map(({ name, most }) => [name, most])), world, new Story(() => 0));
}

describeTable('a table with every fault around it, in a kind world', async () => {
  const { store, close } = openStore();
  const table = inAKindWorld().aroundTable(store.table(CONFORMANCE_TABLE));
  return { table, settle: async () => undefined, close };
});

const openFaulty = () => openQueue((queue) => inAKindWorld().aroundQueue(queue));
describeQueue('a queue with every fault around it, in a kind world', openFaulty);
describeQueueDelivery('a queue with every fault around it, in a kind world', openFaulty);

describeBus('a bus with every fault around it, in a kind world', async () => {
  const { store, close } = openStore();
  let rules = 0;
  return {
    bus: inAKindWorld().aroundBus(store.bus),
    subscribe: async (pattern) => {
      const queue = store.bus.subscribe(`rule-${rules++}`, compilePattern(pattern));
      return async () => (await queue.receive(1_000, 30)).map(({ body }) => JSON.parse(body) as HandedEvent);
    },
    close,
  };
});
