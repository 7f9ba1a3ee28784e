import type { DeviceStatus } from './simulated-device.ts';

/** One line about a fleet of `expected` devices: how many are up, what they run, what they are at. */
export function progressLine(devices: readonly DeviceStatus[], expected: number): string {
  if (devices.length === 0) return `registering ${expected} devices`;
  const states = tally(devices.map(({ state }) => state));
  const versions = tally(devices.flatMap(({ version }) => version ?? []));
  const phases = tally(
    devices.flatMap(({ phase }) => (phase === undefined || phase === 'idle' ? [] : [phase])),
  );
  return [states, versions, phases].filter((part) => part !== '').join('  |  ');
}

/** `running 190, bricked 10`: most frequent first. */
function tally(words: readonly string[]): string {
  const counts = Map.groupBy(words, (word) => word);
  return [...counts]
    .map(([word, all]) => ({ word, count: all.length }))
    .sort((a, b) => b.count - a.count || a.word.localeCompare(b.word))
    .map(({ word, count }) => `${word} ${count}`)
    .join(', ');
}
