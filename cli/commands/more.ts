import type { Session } from './session.ts';

/** Says that a list which is as long as was asked for may go on; nothing where JSON was asked for, whose reader counts. */
export function tellMore(session: Session, count: number, limit: number, most: number): void {
  if (count < limit) return;
  session.note(`these are ${count}, and there may be more: --limit takes up to ${most}\n`);
}
