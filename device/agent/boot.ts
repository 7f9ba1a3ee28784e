import { faultOf } from '#shared/errors/fault-of.ts';
import { pause, type World } from '#shared/world/world.ts';
import { isFull } from './io/file-errors.ts';
import type { Kept } from './kept.ts';
import type { AgentNews, AgentState, Effect, Heard, Input, TimerName } from './machine/state.ts';
import { boot, type Step, step } from './machine/step.ts';
import type { Surroundings } from './machine/turn.ts';
import {
  DownloadError,
  type Downloader,
  InstallError,
  type Installer,
  type Link,
  type StateStore,
} from './ports.ts';
import type { AgentSettings } from './settings.ts';

/** What an agent works with; none of it is known to the decisions in `machine/`. */
export interface AgentParts {
  readonly settings: AgentSettings;
  readonly world: World;
  readonly link: Link;
  readonly downloader: Downloader;
  readonly installer: Installer;
  readonly state: StateStore;
  readonly onNews?: (news: AgentNews) => void;
  /** Hears of what no decision foresees: a disk that cannot be written, an installer that throws something else. */
  readonly onFault: (error: unknown) => void;
}

/** Longer messages are not read: an offer has at most 5 KB. */
const MAX_MESSAGE_BYTES = 8_192;
/** Messages beyond so many that wait for a decision are taken for lost, as any may be: a broker that floods would fill the memory. */
const MOST_UNHEARD = 32;
const NONCE_BYTES = 12;
const BOOT_ID_BYTES = 12;

/** One boot of a device: carries out what `machine/` decides, one decision after the other. */
export class Boot {
  readonly #parts: AgentParts;
  readonly #reboot: () => Promise<void>;
  readonly #timers = new Map<TimerName, () => void>();
  #download: AbortController | undefined;
  #state: AgentState | undefined;
  #ended = false;
  /** Why the disk does not hold what the device knows. */
  #unkept: { readonly error: unknown } | undefined;
  /** Messages that wait for their decision. */
  #unheard = 0;
  /** Decisions and their effects come one after the other. */
  #queue: Promise<void> = Promise.resolve();

  constructor(parts: AgentParts, reboot: () => Promise<void>) {
    this.#parts = parts;
    this.#reboot = reboot;
  }

  get state(): AgentState | undefined {
    return this.#state;
  }

  async begin(): Promise<void> {
    const { installer, state, link, world } = this.#parts;
    const [kept, image] = await Promise.all([state.load(), installer.runningImage()]);
    if (this.#ended) return;
    link.open({
      onUp: () => this.#take({ input: 'link-up' }),
      onMessage: (kind, payload) => this.#hear(kind, payload),
    });
    const bootId = textOf(world.randomBytes(BOOT_ID_BYTES));
    this.#decide(() => boot(kept, { bootId, image }, this.#around()));
    await this.#queue;
  }

  async end(): Promise<void> {
    this.#ended = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#download?.abort();
    await this.#parts.link.close();
  }

  #hear(kind: Heard, payload: Uint8Array): void {
    if (payload.length > MAX_MESSAGE_BYTES || this.#unheard >= MOST_UNHEARD) return;
    const body = readJson(payload);
    if (body === undefined) return;
    this.#unheard += 1;
    this.#decide(() => {
      this.#unheard -= 1;
      return this.#next({ input: 'message', kind, body });
    });
  }

  #take(input: Input): void {
    this.#decide(() => this.#next(input));
  }

  #next(input: Input): Step | undefined {
    return this.#state === undefined ? undefined : step(this.#state, input, this.#around());
  }

  #decide(decide: () => Step | undefined): void {
    const run = async () => {
      if (this.#ended) return;
      if (this.#unkept !== undefined && this.#state !== undefined) await this.#keep(this.#state.kept);
      const decided = decide();
      if (decided === undefined) return;
      this.#state = decided.state;
      for (const effect of decided.effects) {
        if (this.#ended) return;
        await this.#carryOut(effect);
      }
    };
    // A fault is told and ends only this decision: the timers that are armed go on.
    this.#queue = this.#queue.then(run).catch(this.#parts.onFault);
  }

  #around(): Surroundings {
    const { settings, world } = this.#parts;
    return {
      settings,
      nowMs: world.monotonicMs(),
      random: () => world.random(),
      nonce: () => textOf(world.randomBytes(NONCE_BYTES)),
    };
  }

  /** Only what must be on disk is waited for; everything else comes back as an input. */
  async #carryOut(effect: Effect): Promise<void> {
    const { link, downloader, onNews } = this.#parts;
    switch (effect.do) {
      case 'keep':
        await this.#keep(effect.kept);
        return;
      case 'publish': {
        const { kind, nonce, body } = effect;
        const payload = Buffer.from(JSON.stringify(body));
        link.publish(kind, payload).then(
          () => this.#take({ input: 'sent', kind, nonce }),
          () => this.#take({ input: 'unsent', kind, nonce }),
        );
        return;
      }
      case 'arm':
        this.#arm(effect.timer, effect.delayMs);
        return;
      case 'disarm':
        this.#timers.get(effect.timer)?.();
        this.#timers.delete(effect.timer);
        return;
      case 'download':
        this.#fetch(effect);
        return;
      case 'stop-download':
        this.#download?.abort();
        return;
      case 'discard':
        downloader.discard(effect.sha256).catch(this.#parts.onFault);
        return;
      case 'install':
        this.#install(effect);
        return;
      case 'self-test':
        this.#selfTest();
        return;
      case 'reboot':
        this.#reboot().catch(this.#parts.onFault);
        return;
      case 'tell':
        onNews?.(effect.news);
    }
  }

  /**
   * What the disk does not take is tried again with every decision. Until then the device goes on without it, so that it is heard of; it
   * only begins no install.
   */
  async #keep(kept: Kept): Promise<void> {
    try {
      await this.#parts.state.save(kept);
      this.#unkept = undefined;
    } catch (error) {
      if (this.#unkept === undefined) this.#parts.onFault(error);
      this.#unkept = { error };
    }
  }

  #arm(timer: TimerName, delayMs: number): void {
    this.#timers.get(timer)?.();
    const cancel = this.#parts.world.after(delayMs, () =>
      this.#decide(() => {
        // It ran out while a decision before it set it anew, or took it back.
        if (this.#timers.get(timer) !== cancel || this.#state === undefined) return undefined;
        this.#timers.delete(timer);
        return this.#next({ input: 'timer', name: timer });
      }),
    );
    this.#timers.set(timer, cancel);
  }

  #fetch({ job }: Extract<Effect, { do: 'download' }>): void {
    this.#download?.abort();
    const running = new AbortController();
    this.#download = running;
    const { sha256, sizeBytes, url, version } = job;
    this.#parts.downloader.fetch({ sha256, sizeBytes, url, version }, running.signal).then(
      (path) => this.#take({ input: 'downloaded', sha256, path }),
      (error: unknown) => {
        // Whoever aborted it has decided already what comes next.
        if (running.signal.aborted) return;
        if (!(error instanceof DownloadError)) this.#parts.onFault(error);
        const cause = error instanceof DownloadError ? error.failure : 'network';
        this.#take({ input: 'download-failed', sha256, cause, why: faultOf(error).message });
      },
    );
  }

  #install({ job, path, permit }: Extract<Effect, { do: 'install' }>): void {
    const { installer, world, onFault } = this.#parts;
    const { attempt, endsMs } = permit;
    // Deciding, and what had to be kept before, may have taken time.
    if (world.monotonicMs() >= endsMs) {
      this.#take({ input: 'install-late', attempt });
      return;
    }
    const failed = (error: unknown, reason: string): void =>
      this.#take({ input: 'install-failed', attempt, reason, detail: faultOf(error).message });
    // The next boot could not tell of it.
    if (this.#unkept !== undefined) {
      const { error } = this.#unkept;
      failed(error, isFull(error) ? 'no-space' : 'flash-write');
      return;
    }
    installer.install(path, job.manifest).then(
      () => this.#take({ input: 'installed', attempt }),
      (error: unknown) => {
        if (error instanceof InstallError) {
          failed(error, error.reason);
          return;
        }
        onFault(error);
        failed(error, 'installer');
      },
    );
  }

  #selfTest(): void {
    this.#confirm()
      .then(() => this.#parts.installer.runningImage())
      .then(
        (image) => this.#take({ input: 'confirmed', image }),
        (error: unknown) => this.#take({ input: 'self-test-failed', why: faultOf(error).message }),
      );
  }

  /** A disk that does not take it is no fault of the image, and gets the time that the self-test has; that time ends this boot. */
  async #confirm(): Promise<void> {
    const { installer, onFault, settings, world } = this.#parts;
    for (let waitMs = settings.timing.backoffUnitMs; !this.#ended; waitMs *= 2) {
      try {
        await installer.confirm();
        return;
      } catch (error) {
        if (error instanceof InstallError) throw error;
        onFault(error);
        await pause(world, waitMs);
      }
    }
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** What a payload says; `undefined` where it is not JSON: a message that nobody understands is no message. */
function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}
