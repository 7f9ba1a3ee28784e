import { addUsage, noUsage, type Usage, type UsageCounts, usedUnits } from '#shared/metering/billed-unit.ts';
import type { UsageSink, UsageSubject } from '#shared/metering/instance-meter.ts';

/** An instance writes at most so often: an idle check must not cost a line of log. */
const TELL_EVERY_MS = 60_000;

/** What usage metrics are told with. */
export interface UsageMetricsParts {
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes a line in CloudWatch's embedded metric format. What it throws stays here. */
  readonly write: (line: string) => void;
}

/**
 * What an instance uses of AWS, as metrics of its service alone: no tenant, rollout or device. They are written at the end of
 * its first invocation, and of the first one a minute or more after each line. What it used since its last line, within a
 * minute, is lost with it: Lambda freezes an instance and takes it away without a word.
 */
export class UsageMetrics implements UsageSink {
  readonly #parts: UsageMetricsParts;
  #counts: UsageCounts = noUsage();
  #nextMs = 0;

  constructor(parts: UsageMetricsParts) {
    this.#parts = parts;
  }

  add(_about: UsageSubject, usage: UsageCounts, share: number): void {
    addUsage(this.#counts, usage, share);
    const { service, now, write } = this.#parts;
    const nowMs = now();
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + TELL_EVERY_MS;
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
