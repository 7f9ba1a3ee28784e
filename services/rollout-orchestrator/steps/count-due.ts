import * as z from 'zod';
import { messageText } from '#shared/capabilities/message-text.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import { Ulid } from '#shared/contracts/names.ts';
import { PreviewSums } from '../domain/preview/preview-sums.ts';
import { DEVICE_BUCKETS } from '../stores/keys.ts';

/** Count the members of a rollout for one of its stages, going on where an earlier message left off: what the queue of members carries. */
export const CountDue = z.object({
  rollout: Ulid,
  /** Index of the stage. */
  stage: z.number().int().min(0),
  /** The bucket of devices that is next, and where in it the last page ended. */
  bucket: z.number().int().min(0).max(DEVICE_BUCKETS).default(0),
  cursor: z.string().optional(),
  /** The sums so far, as in `Fleet`. */
  members: z.number().int().min(0).default(0),
  tagged: z.number().int().min(0).default(0),
  taggedBefore: z.number().int().min(0).default(0),
  heldBack: z.number().int().min(0).default(0),
  looked: z.number().int().min(0).default(0),
  /** Given where a draft is counted, for people to look at: the sums so far, and none of those above. */
  preview: PreviewSums.optional(),
  /** When the count began, or that of a draft was asked for, milliseconds since 1970; absent in the first message of any other. */
  beganMs: z.number().int().min(0).optional(),
  /** How often changes of the product's devices had been noted then, as in `Fleet`; absent like `beganMs`, and where that is not known. */
  changeNotes: z.number().int().min(0).optional(),
});
export type CountDue = z.infer<typeof CountDue>;

/** Asks count-members to count a rollout for that stage (an index), from the beginning. */
export async function askForCount(members: Queue, rollout: string, stage: number): Promise<void> {
  await send(members, { rollout, stage });
}

/** Asks count-members to count whom a draft would reach, by a count that is as new as `beganMs` (milliseconds since 1970). */
export async function askForPreviewCount(members: Queue, rollout: string, beganMs: number): Promise<void> {
  await send(members, { rollout, stage: 0, preview: {}, beganMs });
}

/** Asks count-members to go on with a count that did not fit into one invocation. */
export async function askForRest(members: Queue, counted: CountDue): Promise<void> {
  await send(members, counted);
}

async function send(members: Queue, due: z.input<typeof CountDue>): Promise<void> {
  await sendAll(members, [{ body: messageText(due) }]);
}
