import { backoffMs } from '#shared/retry/backoff.ts';
import type { AgentSettings } from '../settings.ts';
import type { AgentNews, AgentState, Effect, Phase, Said, TimerName, Tries } from './state.ts';

/** What a decision may use besides the state: time, chance and fresh nonces are handed in. */
export interface Surroundings {
  readonly settings: AgentSettings;
  /** Monotonic, in milliseconds. */
  readonly nowMs: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A text that was never used before. */
  readonly nonce: () => string;
}

/** One step of a device while it is being decided: the state as it becomes, and what is to be done. */
export class Turn {
  readonly effects: Effect[] = [];
  readonly settings: AgentSettings;
  readonly nowMs: number;
  readonly #around: Surroundings;
  #state: AgentState;

  constructor(state: AgentState, around: Surroundings) {
    this.#state = state;
    this.#around = around;
    this.settings = around.settings;
    this.nowMs = around.nowMs;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Replaces some of the state; what is kept over reboots goes through `keep`. */
  become(change: Partial<Omit<AgentState, 'kept'>>): void {
    this.#state = { ...this.#state, ...change };
  }

  enter(phase: Phase): void {
    this.become({ phase });
  }

  keep(kept: AgentState['kept']): void {
    this.#state = { ...this.#state, kept };
    this.do({ do: 'keep', kept });
  }

  do(effect: Effect): void {
    this.effects.push(effect);
  }

  tell(news: AgentNews): void {
    this.do({ do: 'tell', news });
  }

  publish(kind: Said, nonce: string, body: object): void {
    this.do({ do: 'publish', kind, nonce, body });
  }

  arm(timer: TimerName, delayMs: number): void {
    const wholeMs = Math.ceil(delayMs);
    if (timer === 'check') this.become({ checkAtMs: this.nowMs + wholeMs });
    this.do({ do: 'arm', timer, delayMs: wholeMs });
  }

  disarm(timer: TimerName): void {
    this.do({ do: 'disarm', timer });
  }

  nonce(): string {
    return this.#around.nonce();
  }

  random(): number {
    return this.#around.random();
  }

  tried(what: keyof Tries, times: number): void {
    this.become({ tries: { ...this.#state.tries, [what]: times } });
  }

  /** The wait after so many tries in vain: 1, 2, 4 ... units up to the check interval, a random half of it taken off. */
  backoffMs(tries: number): number {
    const { backoffUnitMs, checkIntervalMs } = this.settings.timing;
    const longestMs = Math.max(backoffUnitMs, checkIntervalMs);
    return backoffMs(tries, { firstMs: backoffUnitMs, longestMs }, this);
  }

  /** The wait that a `retryAfter` of so many seconds asks for, up to a quarter longer, so that not all come back at once. */
  retryMs(seconds: number): number {
    const { retryAfterSecondMs, leastRetryMs } = this.settings.timing;
    return Math.max(seconds * retryAfterSecondMs, leastRetryMs) * (1 + this.random() / 4);
  }
}
