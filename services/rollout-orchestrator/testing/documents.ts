/** One stage, to which every device belongs. */
export const ALL_AT_ONCE = { stages: [{ name: 'all', percent: '100%' }] };

/** A rollout document that widens within seconds and is patient with slow virtual devices, for tests. */
export function quickDocument(
  release: string,
  overrides: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    release,
    selector: 'all',
    stages: [
      { name: 'canary', percent: '5%', gate: { bake: '1s' } },
      { name: 'early', percent: 20, gate: { bake: '1s' } },
      { name: 'all', percent: 100 },
    ],
    halt: {
      failureRate: '0.1%',
      lostRate: '5%',
      falseHalt: '0.1%',
      silentAfter: '1h',
      suspectAtLeast: '10s',
      installWithin: '1h',
    },
    permitFor: '10m',
    settle: '3h',
    ...overrides,
  };
}
