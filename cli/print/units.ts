const KIBI = 1024;
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const TIME_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A size as people read it: `512 B`, `20.0 MiB`. */
export function bytes(sizeBytes: number): string {
  let size = sizeBytes;
  let unit = 0;
  while (size >= KIBI && unit < BYTE_UNITS.length - 1) {
    size /= KIBI;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** A duration by its two largest units: `350 ms`, `12 s`, `3m 20s`, `2d 4h`. */
export function duration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${Math.floor(durationMs / 1_000)} s`;
  const first = TIME_UNITS.findIndex(([, unitMs]) => durationMs >= unitMs);
  let leftMs = durationMs;
  const parts: string[] = [];
  for (const [name, unitMs] of TIME_UNITS.slice(first, first + 2)) {
    const count = Math.floor(leftMs / unitMs);
    leftMs -= count * unitMs;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.join(' ');
}

/** A moment in UTC to the second: `2026-12-01 00:00:00Z`. */
export function moment(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** How long ago: `3m 20s ago`; `just now` below a second. */
export function ago(atMs: number, nowMs: number): string {
  return nowMs - atMs < 1_000 ? 'just now' : `${duration(nowMs - atMs)} ago`;
}

/** US dollars: to the cent from ten on, to a tenth of one below, and as many digits as show anything below a cent. */
export function dollars(amount: number | undefined): string {
  if (amount === undefined) return '';
  if (amount >= 10 || amount === 0)
    return `$${amount.toLocaleString('en', { maximumFractionDigits: 2, minimumFractionDigits: 2 })}`;
  return `$${amount >= 0.01 ? amount.toFixed(3) : Number(amount.toPrecision(2)).toFixed(7).replace(/0+$/, '')}`;
}

/** A share of 1 as `5 %`, `0.1 %`. */
export function percent(share: number): string {
  const hundredths = share * 100;
  return `${hundredths >= 10 || Number.isInteger(hundredths) ? Math.floor(hundredths) : hundredths.toFixed(1)} %`;
}
