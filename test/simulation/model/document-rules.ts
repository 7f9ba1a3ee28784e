import type { KnownRollout } from './known-facts.ts';

/** `1m`, `30s` in milliseconds. */
export function durationMs(text: unknown): number {
  const [, count = '', unit = ''] = /^(\d+)([smh])$/.exec(String(text)) ?? [];
  return Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN);
}

/** What the document of a rollout asks for, in the model's own reading. */
export function rulesOf({ plan }: Pick<KnownRollout, 'plan'>) {
  const {
    halt,
    pace,
    permitFor,
    retry,
    settle,
    stages,
    standing = false,
    window,
  } = plan.document as {
    readonly halt: Readonly<Record<string, string>>;
    readonly pace: { readonly firstWindow: number; readonly growth: number; readonly perMinute: number };
    readonly permitFor: string;
    readonly retry: { readonly attempts: number };
    readonly settle: string;
    readonly standing?: boolean;
    readonly stages: readonly {
      readonly count?: number;
      readonly percent?: string;
      readonly tag?: string;
      readonly name?: string;
      readonly gate?: { readonly minConfirmed?: number; readonly bake?: string };
    }[];
    readonly window?: { readonly from: string; readonly to: string };
  };
  return {
    ...pace,
    attempts: retry.attempts,
    permitMs: durationMs(permitFor),
    settleMs: durationMs(settle),
    silentAfterMs: durationMs(halt.silentAfter),
    installWithinMs: durationMs(halt.installWithin),
    youngMs: durationMs(halt.suspectAtLeast),
    failureRate: Number.parseFloat(halt.failureRate ?? '') / 100,
    lostRate: Number.parseFloat(halt.lostRate ?? '') / 100,
    falseHalt: Number.parseFloat(halt.falseHalt ?? '') / 100,
    stages,
    standing,
    window,
  };
}
