import { describe, expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { Agent } from './agent.ts';
import type { RunningImage } from './image.ts';
import { type Kept, NOTHING_KEPT } from './kept.ts';
import type { AgentNews } from './machine/state.ts';
import { InstallError, type Installer, type Link, type LinkListener } from './ports.ts';
import { ATTEMPT, FACTORY, NEW_DIGEST, offer, SETTINGS } from './testing/bench.ts';

/** A device in virtual time, over a link, a disk and slots that are plain objects; the backend is the test. */
class BenchAgent {
  readonly world = new VirtualWorld();
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what the device has just sent
  readonly said: { kind: string; body: any }[] = [];
  readonly news: AgentNews[] = [];
  readonly steps: string[] = [];
  readonly faults: unknown[] = [];
  kept: Kept = NOTHING_KEPT;
  image: RunningImage = FACTORY;
  diskMs = 0;
  installs: () => Promise<void> = async () => undefined;
  confirms: () => Promise<void> = async () => undefined;
  /** What boots after an install, and what each boot after that falls back to. */
  installed: RunningImage = { version: '1.1.0', digest: NEW_DIGEST, sequence: 4, confirmed: true };
  #listener: LinkListener | undefined;
  readonly agent: Agent;

  constructor() {
    const link: Link = {
      open: (listener) => {
        this.#listener = listener;
        listener.onUp();
      },
      publish: async (kind, payload) => {
        this.steps.push(`say ${kind}`);
        this.said.push({ kind, body: JSON.parse(Buffer.from(payload).toString()) });
      },
      close: async () => {
        this.#listener = undefined;
      },
    };
    const installer: Installer = {
      install: async () => {
        this.steps.push('install');
        await this.installs();
      },
      reboot: async () => {
        this.steps.push('reboot');
        this.image = this.image === this.installed ? FACTORY : this.installed;
      },
      runningImage: async () => this.image,
      confirm: () => this.confirms(),
    };
    this.agent = new Agent({
      settings: SETTINGS,
      world: this.world,
      link,
      installer,
      downloader: { fetch: async () => '/downloads/x', discard: async () => undefined },
      state: {
        load: async () => this.kept,
        save: async (kept) => {
          if (this.diskMs > 0) await new Promise<void>((resolve) => this.world.after(this.diskMs, resolve));
          this.steps.push('keep');
          this.kept = kept;
        },
      },
      onNews: (news) => this.news.push(news),
      onFault: (error) => this.faults.push(error),
    });
  }

  async hear(kind: 'offer' | 'permit' | 'ack', body: unknown): Promise<void> {
    this.#listener?.onMessage(kind, Buffer.from(JSON.stringify(body)));
    await this.world.settle();
  }

  async bytes(payload: Uint8Array): Promise<void> {
    this.#listener?.onMessage('offer', payload);
    await this.world.settle();
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test knows what the device has just sent
  last(kind: string): any {
    return this.said.findLast((one) => ('components' in one.body ? 'check' : one.kind) === kind)?.body;
  }

  /** As far as a permit, with so many seconds; its disk takes so long from then on. */
  async granted(seconds = 600, diskMs = 0): Promise<void> {
    await this.agent.start();
    await this.world.settle();
    await this.hear('offer', offer({ nonce: this.last('check').nonce }));
    const { nonce, rollout } = this.last('permit');
    this.steps.length = 0;
    this.diskMs = diskMs;
    await this.hear('permit', { v: 1, nonce, rollout, answer: 'granted', attempt: ATTEMPT, seconds });
  }
}

describe('an agent', () => {
  test('goes from an offer to the proof in another boot', async () => {
    const bench = new BenchAgent();
    await bench.granted();
    const { bootId } = bench.last('permit');
    expect(bench.last('check')).toMatchObject({
      components: { main: { version: '1.1.0' } },
      confirmed: true,
    });
    expect(bench.last('check').bootId).not.toBe(bootId);
    expect(bench.kept.floor).toBe(4);
    expect(bench.faults).toEqual([]);
  });

  test('has on disk what it begins before it begins, and what it says before it says it', async () => {
    const bench = new BenchAgent();
    await bench.granted();
    expect(bench.steps.slice(0, 4)).toEqual(['keep', 'install', 'keep', 'say report']);
  });

  test('does not touch the installer when its own disk was slower than the permit', async () => {
    const bench = new BenchAgent();
    await bench.granted(10, 20_000);
    await bench.world.advance(60_000);
    expect(bench.steps).not.toContain('install');
    expect(bench.last('report').events.at(-1)).toMatchObject({ state: 'interrupted' });
  });

  test('reports an installer that fails as it foresaw, and one that throws something else', async () => {
    const foreseen = new BenchAgent();
    foreseen.installs = () => Promise.reject(new InstallError('battery', 'low'));
    await foreseen.granted();
    expect(foreseen.last('report').events).toMatchObject([{ state: 'failed', reason: 'battery' }]);
    const strange = new BenchAgent();
    strange.installs = () => Promise.reject(new Error('short circuit'));
    await strange.granted();
    expect(strange.last('report').events).toMatchObject([{ reason: 'installer', detail: 'short circuit' }]);
    expect(strange.faults).toHaveLength(1);
  });

  test('gives a self-test that never ends ten minutes, and goes back to the image before', async () => {
    const bench = new BenchAgent();
    bench.installed = { ...bench.installed, confirmed: false };
    bench.confirms = () => new Promise(() => undefined);
    await bench.granted();
    await bench.world.advance(9 * 60_000);
    expect(bench.last('check')).toMatchObject({ confirmed: false, last: { state: 'rebooting' } });
    await bench.world.advance(2 * 60_000);
    expect(bench.last('check')).toMatchObject({
      components: { main: { version: '1.0.0' } },
      confirmed: true,
      last: { attempt: ATTEMPT, state: 'rebooting' },
    });
    expect(bench.kept.floor).toBe(3);
  });

  test('gives a disk that does not take its confirmation these ten minutes, too, and no later boot', async () => {
    const bench = new BenchAgent();
    bench.installed = { ...bench.installed, confirmed: false };
    let tries = 0;
    bench.confirms = async () => {
      tries += 1;
      throw new Error('the disk is full');
    };
    await bench.granted();
    await bench.world.advance(11 * 60_000);
    expect(tries).toBe(4);
    expect(bench.last('check')).toMatchObject({ components: { main: { version: '1.0.0' } } });
    await bench.world.advance(3_600_000);
    expect(tries).toBe(4);
  });

  test('without power says and does nothing, and begins anew with a new boot', async () => {
    const bench = new BenchAgent();
    bench.installs = () => new Promise(() => undefined);
    await bench.granted();
    await bench.agent.stop();
    bench.steps.length = 0;
    await bench.world.advance(3_600_000);
    expect(bench.steps).toEqual([]);
    await bench.agent.start();
    await bench.world.settle();
    expect(bench.last('report').events.at(-1)).toMatchObject({ seq: 1, state: 'interrupted' });
  });

  test('is heard at least once in each interval, without any answer, for a month', async () => {
    const bench = new BenchAgent();
    await bench.agent.start();
    let heard = 0;
    for (let day = 0; day < 30; day++) {
      await bench.world.advance(86_400_000);
      expect(bench.said.length).toBeGreaterThan(heard);
      heard = bench.said.length;
    }
    expect(heard).toBeLessThan(150);
  });

  test('holds few messages of a broker that floods it while its disk is slow, and goes on afterwards', async () => {
    const bench = new BenchAgent();
    await bench.granted(600, 20_000);
    for (let count = 0; count < 1_000; count += 1) await bench.bytes(Buffer.from('{"v":1}'));
    bench.diskMs = 0;
    await bench.world.advance(120_000);
    const turnedDown = () => bench.news.filter(({ news }) => news === 'offer-turned-down').length;
    expect(turnedDown()).toBe(32);
    await bench.bytes(Buffer.from('{"v":1}'));
    expect(turnedDown()).toBe(33);
    expect(bench.last('check')).toMatchObject({ components: { main: { version: '1.1.0' } } });
  });

  test('does not read messages that are no JSON, or too long', async () => {
    const bench = new BenchAgent();
    await bench.agent.start();
    await bench.world.settle();
    const before = bench.steps.length;
    await bench.bytes(Buffer.from('{"v":'));
    await bench.bytes(Buffer.from([0xff, 0xfe]));
    await bench.bytes(Buffer.from(`{"v":1,"nonce":"${'x'.repeat(9000)}"}`));
    expect(bench.steps).toHaveLength(before);
    expect(bench.faults).toEqual([]);
  });
});
