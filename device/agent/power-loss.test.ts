import { createHash } from 'node:crypto';
import { Agent as HttpsAgent } from 'node:https';
import { describe, expect, jest, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { SETTINGS } from './testing/bench.ts';
import { HonestBackend, type Said } from './testing/honest-backend.ts';
import { MemoryServer } from './testing/memory-server.ts';
import { type DiskFault, LEAVINGS, type Leaving, PowerDisk } from './testing/power-disk.ts';

const OLD = Buffer.from('the image that it left the factory with');
/** Of the size that offers of the bench announce. */
const NEW = Buffer.alloc(1000, 'the image that it is updated to, which is longer ');
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let disk = new PowerDisk();
const server = new MemoryServer(NEW);
const later =
  <Name extends keyof PowerDisk['promises']>(name: Name) =>
  (...given: Parameters<PowerDisk['promises'][Name]>) =>
    (disk.promises[name] as (...all: typeof given) => unknown)(...given);
jest.unstable_mockModule('node:fs/promises', () =>
  Object.fromEntries(
    (Object.keys(disk.promises) as (keyof PowerDisk['promises'])[]).map((name) => [name, later(name)]),
  ),
);
jest.unstable_mockModule('node:fs', () => ({
  createReadStream: (path: string) => disk.streams.createReadStream(path),
}));
jest.unstable_mockModule('node:https', () => ({ request: server.request, Agent: HttpsAgent }));
const { Agent } = await import('./agent.ts');
const { DiskPartials } = await import('./io/disk-partials.ts');
const { HttpsDownloader } = await import('./io/https-downloader.ts');
const { SlotInstaller } = await import('./io/slot-installer.ts');
const { StateFile } = await import('./io/state-file.ts');

const DAY_MS = 86_400_000;
const BOOT_MS = 1_000;

/** Who says so boots no new image after that. */
const GIVEN_UP: readonly string[] = ['interrupted', 'failed'];

/** A device on a disk that fails, whose every word is held against what is so. */
class Device {
  readonly world = new VirtualWorld();
  readonly backend = new HonestBackend(this.world, digest(NEW));
  readonly faults: unknown[] = [];
  /** What it said that was not so. */
  readonly lies: string[] = [];
  /** Whether its disk fails because it is full. */
  isFull = false;
  readonly #withinSeconds: number | undefined;
  #agent: InstanceType<typeof Agent> | undefined;
  /** Whether the boot loader was ever about to start the new image. */
  #wasTried = false;
  /** What was said under each number of each attempt. */
  readonly #said = new Map<string, string>();

  constructor(withinSeconds?: number) {
    this.#withinSeconds = withinSeconds;
    disk = new PowerDisk();
    disk.place('/factory.bin', OLD);
    this.backend.onSaid = (said) => this.#hold(said);
  }

  /** Whatever is said is held against the disk. */
  #hold({ components, confirmed, attempt = '', events = [] }: Said): void {
    const lie = (isSo: boolean, what: string) => isSo || this.lies.push(what);
    const { digest: runs, trial, next } = this.#boots();
    const { main } = components ?? {};
    if (main !== undefined) {
      lie(main.digest === runs, 'another digest than runs');
      lie(main.version === (runs === digest(NEW) ? '1.1.0' : '1.0.0'), 'another version than runs');
      lie(confirmed === false || !trial, 'confirmed on trial');
    }
    for (const { seq, state, reason } of events) {
      const said = this.#said.get(`${attempt} ${seq}`) ?? state;
      this.#said.set(`${attempt} ${seq}`, said);
      lie(said === state, `${state} under the number of ${said}`);
      // Who says that nothing comes of an install boots no new image after that.
      lie(!GIVEN_UP.includes(state) || next === undefined, `${state}, and about to boot`);
      lie(
        state !== 'failed' || !this.isFull || reason === 'no-space',
        `failed for ${reason}, and the disk is full`,
      );
    }
  }

  /** Switches it on, and looks on for so long. */
  async live(forMs: number): Promise<void> {
    const { world, backend } = this;
    const partials = new DiskPartials('/device/downloads');
    const installer = new SlotInstaller({
      directory: '/device',
      hardware: 'cam-rev-b',
      world,
      bootMs: BOOT_MS,
      makeRoom: () => partials.clear(),
    });
    const powerOn = installer.powerOn.bind(installer);
    installer.powerOn = async () => {
      this.#wasTried ||= this.#boots().next !== undefined;
      await powerOn();
      const { digest: runs } = this.#boots();
      if (runs !== digest(OLD) && runs !== digest(NEW)) this.lies.push('bytes run that nobody signed');
    };
    this.#agent = new Agent({
      settings: {
        ...SETTINGS,
        ...(this.#withinSeconds !== undefined && { withinSeconds: this.#withinSeconds }),
      },
      world,
      link: backend,
      installer,
      state: new StateFile('/device/state.json', { onFault: (error) => this.faults.push(error) }),
      downloader: new HttpsDownloader({
        partials,
        world,
        idleMs: 60_000,
        agent: new HttpsAgent(),
      }),
      onFault: (error) => this.faults.push(error),
    });
    const agent = this.#agent;
    const start = async () => {
      await installer.provision('/factory.bin', '1.0.0');
      await installer.powerOn();
      await agent.start();
    };
    start().catch((error: unknown) => this.faults.push(error));
    await world.advance(forMs);
  }

  /** Loses its power, and has it again. */
  async cut(leaving: Leaving): Promise<void> {
    await this.#agent?.stop();
    disk.powerOn(leaving);
  }

  /** Whether its next boot is one of another image than the one before. */
  get isToSwitch(): boolean {
    const { next, trial } = this.#boots();
    return next !== undefined || trial;
  }

  get isRebooting(): boolean {
    return this.#agent?.state?.phase.at === 'rebooting';
  }

  /** What holds once a device had its power, its disk and a few days. */
  expectEnd(): void {
    expect(this.lies).toEqual([]);
    expect(this.backend.isProven).toBe(true);
    expect(this.#boots().digest).toBe(digest(NEW));
    expect(JSON.parse(disk.bytesOf('/device/state.json')?.toString() ?? '')).toMatchObject({ floor: 4 });
    const states = this.backend.attempts.map(({ state }) => state);
    expect(states).not.toContain('granted');
    expect(states).not.toContain('rebooting');
    if (!this.#wasTried) expect(states).not.toContain('reverted');
    for (const { events } of this.backend.attempts) {
      const seqs = events.map((event) => Number(event.split(' ')[0]));
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    }
  }

  #boots(): { digest: string; trial: boolean; next?: string } {
    const { active, ...rest } = JSON.parse(disk.bytesOf('/device/boot.json')?.toString() ?? '');
    return { ...rest, digest: digest(disk.bytesOf(`/device/slot-${active}`) ?? Buffer.alloc(0)) };
  }
}

/** As far as an update with a disk that works takes it, which is less than an hour. */
const LIFE_MS = 3_600_000;

/** Operations before that are those of its factory. */
const FIRST_BOOT = 13;
const MOST_MS = 90_000;

/** A device whose disk fails so; it has its power for `LIFE_MS`. */
async function failing(fault: DiskFault | undefined, withinSeconds?: number): Promise<Device> {
  const device = new Device(withinSeconds);
  disk.fault = fault;
  device.isFull = fault?.code === 'ENOSPC';
  await device.live(LIFE_MS);
  return device;
}

/** How many operations an update takes with a disk that works. */
async function operationsOf(withinSeconds?: number): Promise<number> {
  const device = await failing(undefined, withinSeconds);
  device.expectEnd();
  expect(device.faults).toEqual([]);
  expect(disk.operations).toBeGreaterThan(70);
  return disk.operations;
}

describe('a device whose power is lost at any step of an update', () => {
  test.each([
    ...LEAVINGS.map((leaving) => ['in two steps', leaving, undefined] as const),
    ['in one answer', 'all', 600] as const,
    ['in one answer', 'synced', 600] as const,
  ])(
    '%s, which leaves %s, comes to its end and says nothing that is not so',
    async (_, leaving, withinSeconds) => {
      const operations = await operationsOf(withinSeconds);
      for (let from = 1; from <= operations; from += 1) {
        const device = await failing({ from, code: 'cut' }, withinSeconds);
        const step = disk.log.at(-1);
        await device.cut(leaving);
        await device.live(2 * DAY_MS);
        expect({ step, faults: device.faults, lies: device.lies }).toEqual({ step, faults: [], lies: [] });
        device.expectEnd();
      }
    },
    MOST_MS,
  );
});

describe('a device whose disk fails at any step of an update', () => {
  test.each([
    ['once', 'ENOSPC', 1],
    ['for long', 'ENOSPC', 40],
    ['once', 'EIO', 1],
    ['for long', 'EROFS', 40],
  ] as const)(
    '%s (%s, %d times) says nothing that is not so, and has the update when the disk works again',
    async (_, code, count) => {
      const operations = await operationsOf();
      // Before, it is being made in the factory.
      for (let from = FIRST_BOOT; from <= operations; from += 1) {
        const device = await failing({ from, code, count });
        const step = disk.log[from - 1];
        disk.fault = undefined;
        await device.world.advance(2 * DAY_MS);
        const states = device.backend.attempts.map(({ state }) => state);
        // The image does what it should: a disk that fails once as it is to be made permanent takes that a minute later.
        const isGivenUp = count === 1 && states.includes('reverted');
        expect({ step, isGivenUp, lies: device.lies }).toEqual({ step, isGivenUp: false, lies: [] });
        device.expectEnd();
      }
    },
    MOST_MS,
  );

  test(
    'for ever is heard of all the same, unless it is on its way into another boot',
    async () => {
      const operations = await operationsOf();
      for (let from = FIRST_BOOT; from <= operations; from += 1) {
        const device = await failing({ from, code: 'EROFS' });
        let checks = 0;
        device.backend.onSaid = ({ components }) => {
          if (components !== undefined) checks += 1;
        };
        await device.world.advance(3 * DAY_MS);
        expect({ step: disk.log[from - 1], heard: checks > 0 || device.isRebooting }).toMatchObject({
          heard: true,
        });
      }
    },
    MOST_MS,
  );

  test(
    'and is full as an image is to be booted, or given up, gives its downloads for that',
    async () => {
      const operations = await operationsOf();
      let switches = 0;
      for (let from = FIRST_BOOT; from <= operations; from += 1) {
        const device = await failing({ from, code: 'cut' });
        await device.cut('all');
        if (!device.isToSwitch) continue;
        switches += 1;
        disk.roomBytes = disk.usedBytes;
        device.isFull = true;
        let checks = 0;
        const { onSaid } = device.backend;
        device.backend.onSaid = (said) => {
          if (said.components !== undefined) checks += 1;
          onSaid(said);
        };
        await device.live(LIFE_MS);
        const step = disk.log[from - 1];
        expect({ step, isHeard: checks > 0 }).toEqual({ step, isHeard: true });
        disk.roomBytes = Number.POSITIVE_INFINITY;
        await device.world.advance(2 * DAY_MS);
        device.expectEnd();
      }
      expect(switches).toBeGreaterThan(10);
    },
    MOST_MS,
  );

  test.each([
    ['cannot be read', 'and can be written', undefined],
    ['cannot be read', 'and is read-only', 'EROFS'],
    ['was torn', 'and is read-only', 'EROFS'],
  ] as const)('after the update, so that its state %s, %s is heard of all the same', async (how, _, code) => {
    const device = await failing(undefined);
    await device.cut('all');
    if (how === 'was torn') disk.place('/device/state.json', Buffer.from('{"v":1,"fl'));
    else disk.wearOut('/device/state.json');
    if (code !== undefined) disk.fault = { from: 1, code };
    let checks = 0;
    device.backend.onSaid = ({ components }) => {
      if (components !== undefined) checks += 1;
    };
    await device.live(LIFE_MS);
    expect(checks).toBeGreaterThan(0);
    expect(String(device.faults[0])).toContain('/device/state.json cannot be');
    if (code === undefined) device.expectEnd();
  });
});
