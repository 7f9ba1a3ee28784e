import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { approvalsText } from './rollout.ts';
import { facts } from './table.ts';

/** What will go where, before anybody says yes. */
export function preview(view: RolloutView): string {
  return facts([
    ['rollout', view.rollout],
    ['release', view.release],
    ['selector', textOf(fieldOf(view.document, 'selector'))],
    ['stages', view.stages.map(({ name }) => name).join(', ')],
    ['hold-out', textOf(fieldOf(view.document, 'holdOut'))],
    ['approvals', approvalsText(view)],
    ['halts at', view.haltsAt],
    ['check within', cadenceText(view)],
  ]);
}

/** The whole document, field by field, as who approves it has to see it: what is not shown is not looked at. */
export function documentPreview(view: RolloutView): string {
  const { document } = view;
  const all = document instanceof Object ? Object.entries(document) : [];
  // How many approvals it needs is told with those that it has.
  const fields = all.filter(([name]) => name !== 'approvals');
  const lines = fields.flatMap(([name, value]): [string, string | undefined][] =>
    Array.isArray(value)
      ? value.map((one, at) => [at === 0 ? name : '', textOf(one)])
      : [[name, textOf(value)]],
  );
  return facts([
    ['rollout', view.rollout],
    ...lines,
    ['approvals', approvalsText(view)],
    ['halts at', view.haltsAt],
    ['check within', cadenceText(view)],
  ]);
}

/**
 * How often devices have to check where they are granted directly: nobody tells the backend how often they do. Who checks more seldom
 * and misses its answer is taken for silent (docs/protocol.md, "In one answer"). `undefined` where permits are asked for.
 */
function cadenceText(view: RolloutView): string | undefined {
  const { document } = view;
  if (fieldOf(document, 'permits') !== 'direct') return undefined;
  const silentAfter = fieldOf(fieldOf(document, 'halt'), 'silentAfter');
  const both = `${textOf(fieldOf(document, 'permitFor'))} and ${textOf(silentAfter)}`;
  return `permitFor and halt.silentAfter together (${both}), or a lost answer counts as silence`;
}

/** A field of what may be an object; `undefined` where there is none. */
const fieldOf = (value: unknown, name: string): unknown =>
  value instanceof Object ? Object.entries(value).find(([field]) => field === name)?.[1] : undefined;

/** `count 100, gate bake 1h` of an object, a text as it is. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (!(value instanceof Object)) return String(value);
  return Object.entries(value)
    .map(([name, field]) => `${name} ${textOf(field)}`)
    .join(', ');
}
