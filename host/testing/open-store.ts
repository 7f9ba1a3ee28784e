import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedStore } from '../store/embedded-store.ts';
import { TurningWorld } from './turning-world.ts';

/** A store in a new directory, on a virtual world, that throws at once when it fails. */
export interface OpenStore {
  readonly world: TurningWorld;
  readonly store: EmbeddedStore;
  readonly directory: string;
  /** Closes the store and opens it again on what it left behind. */
  reopen(): EmbeddedStore;
  /** Closes the store and removes its directory. */
  close(): Promise<void>;
}

/** Opens such a store; every test has its own. */
export function openStore(seed = 'store'): OpenStore {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-store-'));
  const world = new TurningWorld(seed);
  const open = () =>
    new EmbeddedStore({
      directory,
      world,
      onFatal: (error) => {
        throw error;
      },
    });
  let store = open();
  return {
    world,
    get store() {
      return store;
    },
    directory,
    reopen: () => {
      store.close();
      store = open();
      return store;
    },
    close: async () => {
      store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
