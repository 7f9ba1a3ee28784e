/**
 * Where the raw log of a tenant's day lies. The tenant comes first, so that a read can never see another's and one tenant's
 * log can be given away or removed whole; then the day and the hour in UTC, by the broker's clock.
 */
export const dayPrefix = (tenant: string, day: string): string => `reports/tenant=${tenant}/day=${day}/`;

/** The prefix of the hour that `atMs` (milliseconds since 1970) lies in. */
export function hourPrefix(tenant: string, atMs: number): string {
  const [day = '', time = ''] = new Date(atMs).toISOString().split('T');
  return `${dayPrefix(tenant, day)}hour=${time.slice(0, 2)}/`;
}
