import { RefusedError } from '#shared/errors/errors.ts';
import { checkMessage } from './queue-limits.ts';

/** Throws `RefusedError` for a timer that EventBridge Scheduler would not take: the alphabet and length of a schedule's name. */
export function checkTimer(name: string, atMs: number, body: string): void {
  if (!/^[0-9A-Za-z_.-]{1,64}$/.test(name))
    throw new RefusedError('name', 'must be 1 to 64 of A-Z a-z 0-9 _ . -');
  if (!Number.isFinite(atMs)) throw new RefusedError('atMs', 'must be a time');
  checkMessage({ body });
}
