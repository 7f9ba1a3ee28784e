import { addUsage, noUsage, type Usage, type UsageCounts, usedUnits } from '#shared/metering/billed-unit.ts';
import type { UsageSink, UsageSubject } from '#shared/metering/instance-meter.ts';

/** An idle check must not cost a line of log: half a kilobyte would cost two fifths of what the check does. */
const TELL_EVERY_MS = 60_000;
/** A rush starts instances that are gone within the minute: they tell every so many invocations, for 1 % of what those cost. */
const TELL_AFTER_INVOCATIONS = 50;

/** What usage metrics are told with. */
export interface UsageMetricsParts {
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes a line in CloudWatch's embedded metric format. What it throws stays here. */
  readonly write: (line: string) => void;
}

/**
 * What an instance uses of AWS, as metrics of its service alone: no tenant, rollout or device. A line is written at the end of
 * its first invocation, then of the fiftieth after each line or of the first one a minute later. What it used since its last
 * line is lost with it: Lambda freezes an instance and takes it away without a word.
 */
export class UsageMetrics implements UsageSink {
  readonly #parts: UsageMetricsParts;
  #counts: UsageCounts = noUsage();
  #nextMs = 0;
  #untold = 0;

  constructor(parts: UsageMetricsParts) {
    this.#parts = parts;
  }

  /** Takes what one invocation has used, all of it. */
  add(_about: UsageSubject, usage: UsageCounts): void {
    addUsage(this.#counts, usage);
    const { service, now, write } = this.#parts;
    const nowMs = now();
    this.#untold += 1;
    if (nowMs < this.#nextMs && this.#untold < TELL_AFTER_INVOCATIONS) return;
    this.#nextMs = nowMs + TELL_EVERY_MS;
    this.#untold = 0;
    const used = usedUnits(this.#counts);
    if (Object.keys(used).length === 0) return;
    try {
      write(JSON.stringify(metricsOf(used, service, nowMs)));
      this.#counts = noUsage();
    } catch {
      // A meter must not make a call fail: the units go out with the next line.
    }
  }
}

/** The embedded metric format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf(used: Usage, service: string, nowMs: number): unknown {
  const Metrics = Object.keys(used).map((Name) => ({ Name, Unit: 'Count' }));
  const CloudWatchMetrics = [{ Namespace: 'Evenkeel/Usage', Dimensions: [['service']], Metrics }];
  return { _aws: { Timestamp: nowMs, CloudWatchMetrics }, service, ...used };
}
