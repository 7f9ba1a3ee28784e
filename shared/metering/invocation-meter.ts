import { type BilledUnit, noUsage, type UsageCounts } from './billed-unit.ts';
import type { Arrival, InstanceMeter, UsageSink, UsageSubject } from './instance-meter.ts';
import type { Step } from './steps.ts';

/** What an invocation meter works with. */
export interface MeterParts {
  /** What an invocation that is about no rollout is counted under. */
  readonly functionKey: string;
  readonly memoryMegabytes: number;
  /** How long the invocation that now ends would be billed for, milliseconds. */
  readonly durationMs: (messages: number, calls: number) => number;
  /** Called at the beginning of each invocation. */
  readonly onBegin?: () => void;
  readonly sink: UsageSink;
}

interface Mark {
  readonly subject: UsageSubject;
  count: number;
}

/** Counts into fields that are there already and hands them over at the end: some hundred nanoseconds an invocation. */
export class InvocationMeter implements InstanceMeter {
  readonly #parts: MeterParts;
  readonly #own: UsageSubject;
  readonly #gigabytes: number;
  readonly #marks = new Map<string, Mark>();
  #counts: UsageCounts = noUsage();
  #calls = 0;
  #messages = 0;
  #isOpen = false;

  constructor(parts: MeterParts) {
    this.#parts = parts;
    this.#own = { step: parts.functionKey };
    this.#gigabytes = parts.memoryMegabytes / 1024;
  }

  begin({ messages, usage }: Arrival): void {
    this.#isOpen = true;
    this.#messages = messages;
    this.#counts.functionRequests += 1;
    for (const unit in usage) {
      // Keys of a record of units are units.
      this.#counts[unit as BilledUnit] += usage[unit as BilledUnit] ?? 0;
    }
    this.#parts.onBegin?.();
  }

  bill(unit: BilledUnit, amount: number): void {
    this.#counts[unit] += amount;
  }

  called(): void {
    this.#calls += 1;
  }

  concerns(step: Step, rollout: string | undefined, count: number): void {
    const key = `${step} ${rollout}`;
    const mark = this.#marks.get(key);
    if (mark === undefined)
      this.#marks.set(key, { subject: rollout === undefined ? { step } : { step, rollout }, count });
    else mark.count += count;
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { sink, durationMs } = this.#parts;
    let concerned = 0;
    for (const { count } of this.#marks.values()) concerned += count;
    // One message of a queue may hold many of devices.
    const messages = Math.max(this.#messages, concerned);
    const billedMs = Math.max(1, Math.ceil(durationMs(messages, this.#calls)));
    this.#counts.functionGbSeconds += (this.#gigabytes * billedMs) / 1000;
    if (concerned > 0) this.#split(sink, concerned);
    else sink.add(this.#own, this.#counts, 1, this.#messages);
    this.#marks.clear();
    this.#counts = noUsage();
    this.#calls = 0;
  }

  #split(sink: UsageSink, concerned: number): void {
    for (const { subject, count } of this.#marks.values()) {
      if (count > 0) sink.add(subject, this.#counts, count / concerned, count);
    }
  }
}
