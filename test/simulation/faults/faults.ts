import path from 'node:path';
import type { Downloader } from '#device/agent/ports.ts';
import type { Bindable } from '#host/runtime/function-pool.ts';
import type { EmbeddedQueue } from '#host/store/embedded-queue.ts';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import type { Bus } from '#shared/capabilities/bus.ts';
import type { Home } from '#shared/capabilities/home.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { LoadedServices } from '../host/loaded-services.ts';
import type { Answered } from '../model/taken.ts';
import type { Story } from '../run/story.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { Chance, type Weather } from './chance.ts';
import type { Carry, Fault, WholeQueue } from './fault.ts';
import type { Stage } from './stage.ts';

/** The faults of one history, each with its own chance, put around everything that they disturb. */
export class Faults {
  readonly weather: Weather = { isUnkind: false };
  readonly #world: SimulatedWorld;
  readonly #all: readonly { readonly fault: Fault; readonly chance: Chance }[];

  /** `rates` holds those that are at work in this history, by name. */
  constructor(
    all: readonly Fault[],
    rates: ReadonlyMap<string, number>,
    world: SimulatedWorld,
    story: Story,
  ) {
    this.#world = world;
    this.#all = all
      .filter(({ name }) => rates.has(name))
      .map((fault) => {
        const parts = {
          world: world.view(`fault ${fault.name}`),
          stream: world.stream(`chance ${fault.name}`),
        };
        const rate = rates.get(fault.name) ?? 0;
        return { fault, chance: new Chance(fault.name, rate, { ...parts, weather: this.weather, story }) };
      });
  }

  /** How often each has happened. */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.#all.map(({ fault, chance }) => [fault.name, chance.count]));
  }

  aroundTable(table: EmbeddedTable): Table {
    return this.#around<Table>(table, (fault, inner, chance) => fault.table?.(inner, chance, table));
  }

  aroundQueue(queue: EmbeddedQueue): WholeQueue {
    return this.#around<WholeQueue>(queue, (fault, inner, chance) => fault.queue?.(inner, chance));
  }

  aroundBus(bus: Bus): Bus {
    return this.#around(bus, (fault, inner, chance) => fault.bus?.(inner, chance));
  }

  aroundUp(carry: Carry): Carry {
    return this.#around(carry, (fault, inner, chance) => fault.up?.(inner, chance));
  }

  aroundDown(carry: Carry): Carry {
    return this.#around(carry, (fault, inner, chance) => fault.down?.(inner, chance));
  }

  aroundDownloads(downloader: Downloader): Downloader {
    return this.#around(downloader, (fault, inner, chance) => fault.downloads?.(inner, chance));
  }

  /** The handler of a module file, in this version or in the other, whose instances and homes are disturbed; `heard` hears of its calls. */
  aroundHandler(
    { handlers, other }: Pick<LoadedServices, 'handlers' | 'other'>,
    file: string,
    heard: { readonly began: () => void; readonly answered: (answered: Answered) => void },
  ): Bindable {
    const own = handlers.get(file);
    if (own === undefined) throw new ConfigurationError(`${file} was not loaded`);
    const name = path.basename(path.dirname(file));
    const handler = this.#around(own, (fault, inner, chance) =>
      fault.handler?.(inner, other.get(file), chance, name),
    );
    return {
      on: async (home: Home) => {
        const around = this.#around(home, (fault, inner, chance) => fault.home?.(inner, chance));
        const instance = await handler.on(around);
        const serve = this.#around(instance, (fault, inner, chance) => fault.instance?.(inner, chance, name));
        return (event, context) => {
          const beganMs = this.#world.nowMs;
          heard.began();
          const answering = serve(event, context);
          // Beside whoever waits for the answer, who must not hear it later for that.
          answering.then(
            (answer) => heard.answered({ by: name, beganMs, event, answer }),
            () => undefined,
          );
          return answering;
        };
      },
    };
  }

  /** Lets the faults that happen to people, devices and the host begin. */
  begin(stage: Stage): void {
    for (const { fault, chance } of this.#all) fault.begin?.(stage, chance);
  }

  #around<T>(inner: T, put: (fault: Fault, inner: T, chance: Chance) => T | undefined): T {
    return this.#all.reduce((around, { fault, chance }) => put(fault, around, chance) ?? around, inner);
  }
}
