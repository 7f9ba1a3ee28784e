import { createHash } from 'node:crypto';
import type { Report } from '#shared/contracts/device/report.ts';

/** What failures are counted by. */
export interface FailureKind {
  /** The device's own short code, `unspecified` where it gave none. */
  readonly reason: string;
  readonly hardware: string;
  /** The version that was being installed. */
  readonly version: string;
}

/** One failure of one device, by the names that make it the same one when it is told again. */
export interface Failure {
  readonly tenant: string;
  readonly rollout: string;
  readonly deviceId: string;
  readonly attempt: string;
  readonly seq: number;
  /** When the broker took the report, milliseconds since 1970. */
  readonly atMs: number;
  readonly kind: FailureKind;
}

/** A report and whose it is. */
export interface ReportedBy {
  readonly tenant: string;
  readonly deviceId: string;
  readonly atMs: number;
  readonly body: Report;
}

/** The failures that a report tells of: its events in the state `failed`. */
export function failuresOf({ tenant, deviceId, atMs, body }: ReportedBy): Failure[] {
  const { rollout, attempt, hardware, target } = body;
  return body.events
    .filter(({ state }) => state === 'failed')
    .map(({ seq, reason = 'unspecified' }) => ({
      tenant,
      rollout,
      deviceId,
      attempt,
      seq,
      atMs,
      kind: { reason, hardware, version: target },
    }));
}

/** A name for the kind that is fit for a key: the same for the same three texts, and for no others. */
export function kindId({ reason, hardware, version }: FailureKind): string {
  return createHash('sha256')
    .update(JSON.stringify([reason, hardware, version]))
    .digest('hex')
    .slice(0, 32);
}
