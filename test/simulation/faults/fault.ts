import type { Downloader } from '#device/agent/ports.ts';
import type { Bindable } from '#host/runtime/function-pool.ts';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import type { QueueSource } from '#host/store/queue-source.ts';
import type { Bus } from '#shared/capabilities/bus.ts';
import type { Home } from '#shared/capabilities/home.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Table } from '#shared/capabilities/table.ts';
import type { Instance } from '#shared/lambda/lambda-function.ts';
import type { Chance } from './chance.ts';
import type { Stage } from './stage.ts';

/** A message on its way between a device and the broker. */
export interface Wire {
  readonly thing: string;
  /** Last level of its topic. */
  readonly kind: string;
  readonly payload: Uint8Array;
}

/** Hands a message on; resolves once the other side has it. */
export type Carry = (wire: Wire) => Promise<void>;

/** A queue with both of its ends. */
export type WholeQueue = Queue & QueueSource;

/** A function as the host calls it. */
export type Serve = Instance<unknown, unknown>;

/**
 * One way in which the world is unkind. Each puts itself around what it disturbs and asks its own `chance` each time; most know one
 * of these places only.
 */
export interface Fault {
  readonly name: string;
  /** What happens, in one sentence. */
  readonly what: string;
  /** The highest rate that is drawn for a seed: of calls, of messages, of devices, or of chances an hour. */
  readonly most: number;
  /** In which share of the seeds it is at work, where that is not the usual one: what it waits for is rare. */
  readonly atWork?: number;
  table?(inner: Table, chance: Chance, original: EmbeddedTable): Table;
  queue?(inner: WholeQueue, chance: Chance): WholeQueue;
  bus?(inner: Bus, chance: Chance): Bus;
  /** From a device to the broker. */
  up?(carry: Carry, chance: Chance): Carry;
  /** From a function to a device. */
  down?(carry: Carry, chance: Chance): Carry;
  /** Around the downloads of one device. */
  downloads?(inner: Downloader, chance: Chance): Downloader;
  /** In the place of a function; `other` is the same function of another version, where that has it. */
  handler?(
    own: Bindable,
    other: Bindable | undefined,
    chance: Chance,
    functionName: string,
  ): Bindable | undefined;
  /** Around one instance of a function, as it is invoked; `functionName` is its physical name. */
  instance?(inner: Serve, chance: Chance, functionName: string): Serve;
  /** Around what one instance of a function is given. */
  home?(inner: Home, chance: Chance): Home;
  /** Sets events of its own going, when the world begins. */
  begin?(stage: Stage, chance: Chance): void;
}
