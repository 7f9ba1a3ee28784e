import type { HearingStore } from '../../stores/hearing-store.ts';

/** Notes since when devices can be heard again. */
export async function onHearingInterrupted(
  { untilMs }: { readonly untilMs: number },
  { hearing }: { readonly hearing: HearingStore },
): Promise<void> {
  await hearing.interrupted(untilMs);
}
