import { pause } from '#shared/world/world.ts';
import { type AgentParts, Boot } from './boot.ts';
import type { AgentState } from './machine/state.ts';

/**
 * A device, boot after boot. `stop` is the loss of power: it tells nobody
 * and keeps nothing that is not on disk; `start` afterwards is another boot.
 */
export class Agent {
  readonly #parts: AgentParts;
  #boot: Boot | undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  /** Whether it has power and is between its boot and its next reboot. */
  get isRunning(): boolean {
    return this.#boot !== undefined;
  }

  /** What it knows; nothing while it is off. */
  get state(): AgentState | undefined {
    return this.#boot?.state;
  }

  /** Boots, unless it runs. Resolves when it has begun to check in; rejects, and is off, when it cannot read what it runs or kept. */
  async start(): Promise<void> {
    if (this.#boot !== undefined) return;
    const started = this.#next();
    try {
      await started.begin();
    } catch (error) {
      if (this.#boot === started) this.#boot = undefined;
      throw error;
    }
  }

  /** Cuts the power. */
  async stop(): Promise<void> {
    const running = this.#boot;
    this.#boot = undefined;
    await running?.end();
  }

  #next(): Boot {
    const next: Boot = new Boot(this.#parts, (): Promise<void> => this.#reboot(next));
    this.#boot = next;
    return next;
  }

  async #reboot(from: Boot): Promise<void> {
    await this.#insist(from, () => from.end());
    await this.#insist(from, () => this.#parts.installer.reboot());
    if (this.#boot !== from) return;
    const next = this.#next();
    await this.#insist(next, () => next.begin());
  }

  /** Tries ever more rarely until it succeeds, or power is cut: nobody is there to switch the device on again. */
  async #insist(within: Boot, run: () => Promise<void>): Promise<void> {
    const { onFault, settings, world } = this.#parts;
    const { backoffUnitMs, checkIntervalMs } = settings.timing;
    for (let waitMs = backoffUnitMs; this.#boot === within; waitMs = Math.min(2 * waitMs, checkIntervalMs)) {
      try {
        await run();
        return;
      } catch (error) {
        onFault(error);
        await pause(world, waitMs);
      }
    }
  }
}
