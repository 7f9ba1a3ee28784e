import { addUsage, noUsage, type UsageCounts, usedUnits } from '#shared/metering/billed-unit.ts';
import type { UsageSink, UsageSubject } from '#shared/metering/instance-meter.ts';

/** A line at the end of an invocation, and of an instance at most so often: an idle check must not cost a line of log. */
const TELL_EVERY_MS = 60_000;

/** What usage metrics are told with. */
export interface UsageMetricsParts {
  readonly service: string;
  readonly now: () => number;
  /** Takes a line in CloudWatch's embedded metric format. */
  readonly write: (line: string) => void;
}

/**
 * What an instance uses of AWS, as metrics of its service alone: no tenant, rollout or device. Added up in memory; what an
 * instance has not told when it is taken away, a minute at most, is missing in them.
 */
export class UsageMetrics implements UsageSink {
  readonly #parts: UsageMetricsParts;
  #counts: UsageCounts = noUsage();
  #toldMs: number;

  constructor(parts: UsageMetricsParts) {
    this.#parts = parts;
    this.#toldMs = parts.now();
  }

  add(_about: UsageSubject, usage: UsageCounts, share: number): void {
    addUsage(this.#counts, usage, share);
    const nowMs = this.#parts.now();
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.#parts.write(`${JSON.stringify(metricsOf(this.#counts, this.#parts.service, nowMs))}\n`);
    this.#counts = noUsage();
  }
}

/** The embedded metric format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf(counts: UsageCounts, service: string, nowMs: number): unknown {
  const used = usedUnits(counts);
  const Metrics = Object.keys(used).map((Name) => ({ Name, Unit: 'Count' }));
  const CloudWatchMetrics = [{ Namespace: 'Evenkeel/Usage', Dimensions: [['service']], Metrics }];
  return { _aws: { Timestamp: nowMs, CloudWatchMetrics }, service, ...used };
}
