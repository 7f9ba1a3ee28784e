import { createHash } from 'node:crypto';
import { truncateSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { Agent } from './agent.ts';
import { SlotInstaller } from './io/slot-installer.ts';
import { StateFile } from './io/state-file.ts';
import type { AgentNews } from './machine/state.ts';
import type { Link, LinkListener } from './ports.ts';
import { ATTEMPT, offer, SETTINGS } from './testing/bench.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What a device says, as far as these tests look at it. */
interface Said {
  readonly nonce: string;
  readonly rollout: string;
  readonly bootId: string;
  readonly components?: { readonly main: { readonly version: string; readonly digest: string } };
  readonly events?: readonly { readonly state: string; readonly reason?: string }[];
}

/** An agent with its slots and its state on disk; the backend offers one release, grants it and hears what comes of it. */
class DiskAgent {
  readonly said: Said[] = [];
  /** The download that was given up. */
  readonly discarded = Promise.withResolvers<string>();
  readonly agent: Agent;
  readonly state: StateFile;
  /** Called with everything that is said, before it is out, and with all news. */
  onSaid: (said: Said) => void = () => undefined;
  onNews: (news: AgentNews) => void = () => undefined;
  #listener: LinkListener | undefined;
  #hasOffered = false;

  constructor(directory: string, installer: SlotInstaller) {
    const link: Link = {
      open: (listener) => {
        this.#listener = listener;
        listener.onUp();
      },
      publish: async (_, payload) => {
        const said: Said = JSON.parse(Buffer.from(payload).toString());
        this.onSaid(said);
        this.said.push(said);
        this.#answer(said);
      },
      close: async () => {
        this.#listener = undefined;
      },
    };
    this.state = new StateFile(path.join(directory, 'state.json'));
    this.agent = new Agent({
      settings: SETTINGS,
      world: realWorld,
      link,
      installer,
      state: this.state,
      downloader: {
        fetch: async () => path.join(directory, 'new.bin'),
        discard: async (sha256) => this.discarded.resolve(sha256),
      },
      onNews: (news) => this.onNews(news),
      onFault: (error) => {
        throw error;
      },
    });
  }

  #answer(said: Said): void {
    const tell = (kind: 'offer' | 'permit', body: unknown) =>
      this.#listener?.onMessage(kind, Buffer.from(JSON.stringify(body)));
    if (said.components !== undefined) {
      if (!this.#hasOffered) tell('offer', offer({ nonce: said.nonce, sha256: digest('new') }));
      this.#hasOffered = true;
    } else if (said.events === undefined) {
      const { nonce, rollout } = said;
      tell('permit', { v: 1, nonce, rollout, answer: 'granted', attempt: ATTEMPT, seconds: 600 });
    }
  }
}

describe('an agent whose slot is torn', () => {
  let directory: string;
  let device: DiskAgent;
  const file = (name: string) => path.join(directory, name);
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-torn-'));
    await writeFile(file('old.bin'), 'old');
    await writeFile(file('new.bin'), 'new');
    const slots = { directory: file('slots'), hardware: 'cam-rev-b', world: realWorld, bootMs: 0 };
    const installer = new SlotInstaller(slots);
    await installer.provision(file('old.bin'), '1.0.0');
    device = new DiskAgent(directory, installer);
  });
  afterEach(async () => {
    await device.agent.stop();
    await rm(directory, { recursive: true });
  });

  /** Runs it until it says what is looked for, and answers that. */
  const until = async (isIt: (said: Said) => boolean): Promise<Said> => {
    const { promise, resolve } = Promise.withResolvers<Said>();
    const before = device.onSaid;
    device.onSaid = (said) => {
      before(said);
      if (isIt(said)) resolve(said);
    };
    await device.agent.start();
    return promise;
  };
  const checkAfterInstall = (said: Said): boolean =>
    said.components !== undefined && device.said.some(({ bootId }) => bootId !== said.bootId);

  test('while it waited for its permit reports a failure, and gives its download up', async () => {
    device.onSaid = ({ components, events }) => {
      if (components === undefined && events === undefined) truncateSync(file('new.bin'), 2);
    };
    const { events } = await until((said) => said.events !== undefined);
    expect(events).toMatchObject([{ state: 'failed', reason: 'mismatch' }]);
    expect(await device.discarded.promise).toBe(digest('new'));
  });

  test('before the reboot comes back with what ran before, which is how an update is reverted', async () => {
    device.onSaid = ({ events }) => {
      if (events?.at(-1)?.state === 'rebooting') truncateSync(file('slots/slot-b'), 2);
    };
    const proof = await until(checkAfterInstall);
    expect(proof).toMatchObject({
      components: { main: { version: '1.0.0', digest: digest('old') } },
      confirmed: true,
      last: { attempt: ATTEMPT, state: 'rebooting' },
    });
    expect((await device.state.load()).floor).toBe(0);
  });

  test('on trial is not confirmed and goes back; its floor does not rise', async () => {
    device.onNews = (news) => {
      if (news.news === 'booted' && !news.image.confirmed) truncateSync(file('slots/slot-b'), 2);
    };
    const proof = await until(checkAfterInstall);
    expect(proof).toMatchObject({
      components: { main: { version: '1.0.0', digest: digest('old') } },
      confirmed: true,
      last: { attempt: ATTEMPT, state: 'rebooting' },
    });
    expect((await device.state.load()).floor).toBe(0);
  });

  test('by nobody runs what was signed', async () => {
    const proof = await until(checkAfterInstall);
    expect(proof).toMatchObject({ components: { main: { version: '1.1.0', digest: digest('new') } } });
    expect((await device.state.load()).floor).toBe(4);
  });
});
