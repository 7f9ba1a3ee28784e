import type { Refuse } from './intrinsics.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/**
 * Seconds of `rate(5 minutes)`, `rate(1 hour)` or `rate(7 days)`: what EventBridge takes, with the singular for 1 and the
 * plural for more. Other expressions (`cron(...)`, `at(...)`) are refused.
 */
export function secondsOfRate(expression: string, refuse: Refuse): number {
  const [, amount, unit, plural] = /^rate\(([1-9][0-9]{0,4}) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const unitSeconds = UNIT_SECONDS[unit ?? ''];
  if (unitSeconds === undefined || (amount === '1') === (plural === 's')) {
    return refuse(`is ${expression}, and only rate(<n> minutes | hours | days) is supported`);
  }
  return Number(amount) * unitSeconds;
}
