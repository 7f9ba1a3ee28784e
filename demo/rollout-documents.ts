/** What the demo scales down: minutes of the field to seconds here. The method and its defaults stay. */
const SCALED_DOWN = {
  halt: { suspectAtLeast: '1s', silentAfter: '20s', installWithin: '20s' },
  permitFor: '60s',
  settle: '30s',
};

/** The good release: 5 %, 20 %, then all, each gate with a second of bake time. */
export const stagedDocument = (release: string): Record<string, unknown> => ({
  release,
  selector: 'hardware = "cam-rev-b"',
  stages: [
    { name: 'canary', percent: '5%', gate: { bake: '1s' } },
    { name: 'early', percent: '20%', gate: { bake: '1s' } },
    { name: 'all', percent: '100%' },
  ],
  ...SCALED_DOWN,
});

/** The bad release, launched at everybody at once by somebody in a hurry: the window alone protects the fleet. */
export const hastyDocument = (release: string): Record<string, unknown> => ({
  release,
  selector: 'hardware = "cam-rev-b"',
  stages: [{ name: 'all', percent: '100%' }],
  ...SCALED_DOWN,
});
