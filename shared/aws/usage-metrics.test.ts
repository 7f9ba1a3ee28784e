import { beforeEach, describe, expect, test } from '@jest/globals';
import { noUsage, type Usage } from '#shared/metering/billed-unit.ts';
import { UsageMetrics } from './usage-metrics.ts';

const START_MS = 1_780_000_000_000;
const ABOUT = { step: 'offer', rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D' };

describe('metrics of what an instance uses', () => {
  let nowMs: number;
  let lines: string[];
  let write: (line: string) => void;
  let metrics: UsageMetrics;
  const use = (usage: Usage) => metrics.add(ABOUT, { ...noUsage(), ...usage });
  beforeEach(() => {
    nowMs = START_MS;
    lines = [];
    write = (line) => void lines.push(line);
    metrics = new UsageMetrics({ service: 'parrot', now: () => nowMs, write: (line) => write(line) });
  });

  test('are one line of the embedded metric format, with the units that were used and the service as only dimension', () => {
    use({ iotMessages: 2, functionGbSeconds: 0.125 });
    expect(lines).toEqual([
      JSON.stringify({
        _aws: {
          Timestamp: START_MS,
          CloudWatchMetrics: [
            {
              Namespace: 'Evenkeel/Usage',
              Dimensions: [['service']],
              Metrics: [
                { Name: 'iotMessages', Unit: 'Count' },
                { Name: 'functionGbSeconds', Unit: 'Count' },
              ],
            },
          ],
        },
        service: 'parrot',
        iotMessages: 2,
        functionGbSeconds: 0.125,
      }),
    ]);
  });

  test('are told at once, then after a minute, with all that came between', () => {
    use({ tableReadUnits: 0.5 });
    for (let second = 20; second < 60; second += 1) {
      nowMs = START_MS + second * 1000;
      use({ tableReadUnits: 0.5 });
    }
    expect(lines).toHaveLength(1);
    nowMs = START_MS + 60_000;
    use({ tableReadUnits: 1 });
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ tableReadUnits: 21 });
  });

  test('are told with every fiftieth invocation of a rush', () => {
    use({ ruleTriggers: 1 });
    for (let more = 0; more < 100; more += 1) use({ ruleTriggers: 1 });
    expect(lines.map((line) => JSON.parse(line).ruleTriggers)).toEqual([1, 50, 50]);
  });

  test('say nothing when nothing was used', () => {
    use({});
    expect(lines).toEqual([]);
  });

  test('make no call fail when they cannot be written, and bring the units with the next line', () => {
    write = () => {
      throw new Error('standard output is closed');
    };
    use({ busEvents: 1 });
    write = (line) => void lines.push(line);
    use({ busEvents: 1 });
    expect(lines).toEqual([]);
    nowMs += 60_000;
    use({ busEvents: 1 });
    expect(lines.map((line) => JSON.parse(line).busEvents)).toEqual([3]);
  });
});
