import { describe, expect, test } from '@jest/globals';
import { inDeployOrder } from './deploy-order.ts';

const stack = (
  name: string,
  { exports: given = [], imports = [] }: { exports?: string[]; imports?: string[] },
) => ({
  name,
  template: {
    Resources: Object.fromEntries(
      imports.map((one, at) => [`R${at}`, { Type: 'T', Properties: { Id: { 'Fn::ImportValue': one } } }]),
    ),
    Outputs: Object.fromEntries(given.map((one) => [one, { Value: 'v', Export: { Name: one } }])),
  },
});
const namesOf = (stacks: ReturnType<typeof stack>[]) => inDeployOrder(stacks).map(({ name }) => name);

describe('stacks are deployed', () => {
  test('after those that they import from, otherwise by name', () => {
    const zeta = stack('zeta', { exports: ['bus'] });
    const beta = stack('beta', { exports: ['table'], imports: ['bus'] });
    const alpha = stack('alpha', { imports: ['table', 'bus'] });
    const gamma = stack('gamma', { imports: ['bus'] });
    expect(namesOf([alpha, beta, gamma, zeta])).toEqual(['zeta', 'beta', 'alpha', 'gamma']);
  });

  test('with those that hear others before these', () => {
    const names = ['device-registry', 'firmware-storage', 'rollout-orchestrator', 'telemetry-ingest'];
    const stacks = names.map((name) => stack(`${name}-prod`, {}));
    expect(namesOf(stacks)).toEqual(names.reverse().map((name) => `${name}-prod`));
  });

  test('never with an import that no stack exports', () => {
    expect(() => namesOf([stack('alpha', { imports: ['bus'] })])).toThrow(
      'alpha imports bus, which no stack exports',
    );
  });

  test('never in a circle', () => {
    const one = stack('one', { exports: ['a'], imports: ['b'] });
    const other = stack('other', { exports: ['b'], imports: ['a'] });
    expect(() => namesOf([one, other])).toThrow('one, other import from each other');
  });
});
