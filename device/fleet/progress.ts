import type { DeviceStatus } from './simulated-device.ts';

/** One line about a fleet of `expected` devices: how many are up, what they run, what they are at, who is not connected and why. */
export function progressLine(devices: readonly DeviceStatus[], expected: number): string {
  if (devices.length === 0) return `registering ${expected} devices`;
  const states = tally(devices.map(({ state }) => state));
  const versions = tally(devices.flatMap(({ version }) => version ?? []));
  const phases = tally(
    devices.flatMap(({ phase }) => (phase === undefined || phase === 'idle' ? [] : [phase])),
  );
  const unconnected = devices.flatMap(({ downBecause }) => downBecause ?? []);
  const [[why] = []] = byCount(unconnected);
  const links = why === undefined ? '' : `not connected ${unconnected.length}: ${why}`;
  return [states, versions, phases, links].filter((part) => part !== '').join('  |  ');
}

/** `running 190, bricked 10`: most frequent first. */
const tally = (words: readonly string[]): string =>
  byCount(words)
    .map(([word, count]) => `${word} ${count}`)
    .join(', ');

const byCount = (words: readonly string[]): [word: string, count: number][] =>
  [...Map.groupBy(words, (word) => word)]
    .map(([word, all]): [string, number] => [word, all.length])
    .sort(([a, many], [b, more]) => more - many || a.localeCompare(b));
