import { describe, expect, test } from '@jest/globals';
import { exposition } from './exposition.ts';

describe('the exposition', () => {
  test('says name, type and meaning of a family before its values', () => {
    const families = [
      {
        name: 'letters',
        type: 'gauge' as const,
        help: 'Dead letters.',
        samples: [{ value: 0.5, labels: { queue: 'a', of: 'b' } }],
      },
      { name: 'calls_total', type: 'counter' as const, help: 'Calls.', samples: [{ value: 3 }] },
      { name: 'none', type: 'gauge' as const, help: 'Nobody has it.', samples: [] },
    ];
    expect(exposition(families)).toBe(
      [
        '# HELP letters Dead letters.',
        '# TYPE letters gauge',
        'letters{queue="a",of="b"} 0.5',
        '# HELP calls_total Calls.',
        '# TYPE calls_total counter',
        'calls_total 3',
        '# HELP none Nobody has it.',
        '# TYPE none gauge',
        '',
      ].join('\n'),
    );
  });

  test('lets no text out of its place', () => {
    const samples = [{ value: 1, labels: { what: 'a "b" \\ c\nd' } }];
    const text = exposition([{ name: 'x', type: 'gauge', help: 'one \\ line\nonly', samples }]);
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('x{what="a \\"b\\" \\\\ c\\nd"} 1');
    expect(text).toContain('# HELP x one \\\\ line\\nonly');
  });
});
