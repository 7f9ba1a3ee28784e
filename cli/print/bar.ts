const FULL = '█';
const EMPTY = '░';

/** A bar of `width` characters for a share from 0 to 1. It looks full only at 1, and empty only at 0. */
export function bar(share: number, width: number): string {
  const inside = Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share));
  const rounded = Math.round(inside * width);
  const full = inside === 0 ? 0 : inside === 1 ? width : Math.min(width - 1, Math.max(1, rounded));
  return FULL.repeat(full) + EMPTY.repeat(width - full);
}
