import * as z from 'zod';
import type { Table } from '#shared/capabilities/table.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { PreviewSums } from '../domain/preview/preview-sums.ts';
import { previewKey, previewsKey } from './keys.ts';

const Times = z.object({ beganMs: z.number().int().min(0), countedMs: z.number().int().min(0) });
/** Whom a draft would reach, and when that count began and ended, milliseconds since 1970. */
const Preview = PreviewSums.extend(Times.shape);
export type Preview = z.infer<typeof Preview>;

/** What is kept of a draft's count: the count, that none was asked for because there were too many, or what cannot be read. */
export type KeptPreview = (
  | { readonly kind: 'counted'; readonly preview: Preview }
  | { readonly kind: 'none' | 'left-out' | 'unreadable' }
) & {
  /** When somebody last asked for it again, milliseconds since 1970; absent where nobody has. */
  readonly askedMs?: number;
};

/** Drafts of a tenant that are counted one right after the other. */
export const MOST_PREVIEWS_AT_ONCE = 20;
/** After those another one is counted each time that so long has passed. */
export const PREVIEW_EACH_MS = 180_000;

/** Whom drafts would reach: apart from the fleets of rollouts, because nothing that is decided looks at it. */
export class PreviewStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** What is kept of a draft; `undefined` as long as no count has come. Never throws for what cannot be read: a launch needs none of it. */
  async read(rollout: string): Promise<KeptPreview | undefined> {
    const [item] = await this.#table.get([previewKey(rollout)], { consistent: true });
    if (item === undefined) return undefined;
    const asked = typeof item.askedMs === 'number' ? { askedMs: item.askedMs } : {};
    if (item.leftOut === true) return { kind: 'left-out', ...asked };
    if (item.beganMs === undefined) return { kind: 'none', ...asked };
    const read = Preview.safeParse(item);
    return read.success
      ? { kind: 'counted', preview: read.data, ...asked }
      : { kind: 'unreadable', ...asked };
  }

  /** A draft was counted. A count that began earlier than the one that is kept changes nothing. */
  async counted(rollout: string, preview: Preview): Promise<void> {
    const write = { update: previewKey(rollout), set: { ...preview } };
    const { outcome } = await this.#table.write({ ...write, when: [{ attribute: 'beganMs', is: 'absent' }] });
    if (outcome === 'written') return;
    await this.#table.write({
      ...write,
      when: [{ attribute: 'beganMs', is: '<=', value: preview.beganMs }],
    });
  }

  /** A draft is not counted: there were too many. */
  async leaveOut(rollout: string): Promise<void> {
    await this.#table.write({ update: previewKey(rollout), set: { leftOut: true } });
  }

  /** Somebody asked at `nowMs` for a count that is no older. */
  async asked(rollout: string, nowMs: number): Promise<void> {
    await this.#table.write({ update: previewKey(rollout), set: { askedMs: nowMs }, remove: ['leftOut'] });
  }

  /**
   * Takes one more count of a draft of the tenant at `nowMs` out of its ration, or answers from when on there is one: each reads every
   * device, and counts of rollouts that run wait in the same queue. Throws `ConflictError` where another draft was quicker.
   */
  async take(tenant: string, nowMs: number): Promise<number | undefined> {
    const key = previewsKey(tenant);
    const [item] = await this.#table.get([key], { consistent: true });
    // What is no number is as good as none: it is a ration, and written anew here.
    const kept = typeof item?.spentUntilMs === 'number' ? item.spentUntilMs : undefined;
    const spentUntilMs = Math.max(nowMs, kept ?? 0) + PREVIEW_EACH_MS;
    const againMs = spentUntilMs - MOST_PREVIEWS_AT_ONCE * PREVIEW_EACH_MS;
    if (againMs > nowMs) return againMs;
    const { outcome } = await this.#table.write({
      update: key,
      set: { spentUntilMs },
      ...(kept !== undefined && { when: [{ attribute: 'spentUntilMs', is: '=', value: kept }] }),
      ...(item === undefined && { when: [{ attribute: 'spentUntilMs', is: 'absent' }] }),
    });
    if (outcome === 'refused') throw new ConflictError(`another draft of ${tenant} is being counted`);
    return undefined;
  }
}
