import type { Fault } from '../faults/fault.ts';
import { Faults } from '../faults/faults.ts';
import { Broker } from '../fleet/broker.ts';
import { Fleet } from '../fleet/fleet.ts';
import type { LoadedServices } from '../host/loaded-services.ts';
import { SimulatedHost } from '../host/simulated-host.ts';
import { Watch } from '../model/watch.ts';
import { keysOf } from '../operators/manufacturer.ts';
import { Operator } from '../operators/operator.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { PRODUCT, type Scenario } from './scenario.ts';
import type { Story } from './story.ts';

const DEVICE_SKEW_MS = 600_000;

/** What histories are lived with: the faults that there are, how often each happens, and the product. */
export interface Conditions {
  readonly faults: readonly Fault[];
  /** By the name of the fault; one that is missing never happens. */
  readonly rates: ReadonlyMap<string, number>;
  readonly loaded: LoadedServices;
}

/** Everybody in a history, and who watches them. */
export interface Cast {
  readonly world: SimulatedWorld;
  readonly story: Story;
  readonly faults: Faults;
  readonly watch: Watch;
  readonly host: SimulatedHost;
  readonly fleet: Fleet;
  readonly operator: Operator;
}

/** Makes everybody and brings them together; nothing happens yet. */
export function castOf(
  world: SimulatedWorld,
  story: Story,
  scenario: Scenario,
  { faults: all, rates, loaded }: Conditions,
): Cast {
  const faults = new Faults(all, rates, world, story);
  const watch = new Watch(world, scenario, story);
  const hostOf = () => host;
  const broker = new Broker({ world, host: hostOf, faults, observer: watch.devices });
  const host: SimulatedHost = new SimulatedHost({
    world,
    loaded,
    faults,
    story,
    observer: watch,
    deliver: (topic, payload) => broker.deliver(topic, payload),
    onUp: () => {
      watch.onServing();
      broker.hostUp();
    },
    onDown: () => broker.hostDown(),
  });
  const skewed = rates.has('device-clock-off');
  const fleet = new Fleet(broker, {
    world,
    host: hostOf,
    observer: watch.devices,
    settingsOf: ({ tenant, hardware, withinSeconds }) => ({
      product: PRODUCT,
      hardware,
      trustedKeysPem: [keysOf(tenant).publicKey],
      timing: scenario.timing,
      ...(withinSeconds !== undefined && { withinSeconds }),
    }),
    aroundDownloads: (downloader) => faults.aroundDownloads(downloader),
    clockSkewOf: () => (skewed ? DEVICE_SKEW_MS : 0),
  });
  const operator = new Operator({ world, host: hostOf, story, observer: watch });
  watch.attach({
    unread: () => host.contents.unread(),
    oldestReportMs: () => host.contents.oldestReportMs(),
    deadLetters: () => host.contents.deadLetters(),
    rawLog: () => host.contents.rawLog(),
  });
  return { world, story, faults, watch, host, fleet, operator };
}
