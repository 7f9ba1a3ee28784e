import type { Target } from './attempt.ts';

/** Whether what a device runs is the target: the same version, and the same digest where both are known. */
export function isTarget(
  running: { readonly version: string; readonly digest?: string },
  target: Target,
): boolean {
  if (running.version !== target.version) return false;
  return running.digest === undefined || target.digest === undefined || running.digest === target.digest;
}
