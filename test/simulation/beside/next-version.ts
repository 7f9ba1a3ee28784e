import type { Edit } from '../mutants/mutant.ts';

const ORCHESTRATOR = 'services/rollout-orchestrator';

/**
 * The version after this one, as the places in which it reads otherwise: everything that a later version may do without asking the one
 * before it, and nothing that would break it. Rows have a shape that says how to read them, and more attributes; messages, events
 * and answers have more fields; there are items, and events, of kinds that nobody knew.
 */
export const NEXT_VERSION: readonly Edit[] = [
  // Attempts have another shape, which tells in its own words from where they install, and which is read either way.
  {
    file: `${ORCHESTRATOR}/domain/attempt/attempt-row.ts`,
    find: '  events: z.string(),\n',
    replace:
      '  events: z.string(),\n  shape: z.literal(2).optional(),\n  installedFrom: z.string().optional(),\n',
  },
  {
    file: `${ORCHESTRATOR}/domain/attempt/attempt-row.ts`,
    find: '    events: packTimeline(events),\n  };\n',
    replace: '    events: packTimeline(events),\n    shape: 2,\n    installedFrom: rest.from,\n  };\n',
  },
  {
    file: `${ORCHESTRATOR}/domain/attempt/attempt-row.ts`,
    find: '    ...plain,\n    target:',
    replace: '    ...plain,\n    from: plain.installedFrom ?? plain.from,\n    target:',
  },
  // So has what a rollout has come to, with something that only the next version looks at.
  {
    file: `${ORCHESTRATOR}/stores/progress-store.ts`,
    find: '    revision,\n  };\n',
    replace: '    shape: 2,\n    looks: { count: revision },\n    revision,\n  };\n',
  },
  {
    file: `${ORCHESTRATOR}/stores/control-store.ts`,
    find: '      state: after.state,\n',
    replace: "      state: after.state,\n      shape: 2,\n      mood: 'calm',\n",
  },
  {
    file: `${ORCHESTRATOR}/stores/device-store.ts`,
    find: '  const set: Record<string, Value> = { revision: device.revision + 1 };\n',
    replace: '  const set: Record<string, Value> = { revision: device.revision + 1, shape: 2 };\n',
  },
  {
    file: `${ORCHESTRATOR}/stores/deadline-store.ts`,
    find: 'put: { ...key, dueMs, devices }',
    replace: "put: { ...key, dueMs, devices, shape: 2, why: ['granted'] }",
  },
  // Audit entries say more, and are sealed by either version.
  {
    file: `${ORCHESTRATOR}/stores/control-store.ts`,
    find: '...(audit as unknown as Record<string, Value>) }',
    replace: "...(audit as unknown as Record<string, Value>), severity: 'notice' }",
  },
  // Beside each change of a rollout lies an item of a new kind, and on the bus goes an event of a new kind.
  {
    file: `${ORCHESTRATOR}/stores/control-store.ts`,
    find: '      auditEntry(audit),\n      outboxEntry(',
    replace: `      auditEntry(audit),
      { put: { pk: rolloutPartition(rollout), sk: 'note#' + id, text: 'by the next version' } },
      {
        put: {
          pk: 'N#' + rollout,
          sk: 'outbox#' + id,
          source: 'evenkeel.rollout-orchestrator',
          type: 'RolloutNoted',
          detail: { id, v: 1, tenant, atMs: change.atMs, rollout },
          expiresAt: Math.floor(change.atMs / 1000) + 604_800,
        },
      },
      outboxEntry(`,
  },
  // What is on its way between functions and services has more fields.
  {
    file: 'shared/outbox/outbox.ts',
    find: '      detail: detail as unknown as Value,\n',
    replace:
      "      detail: { ...detail, region: 'eu', labels: { next: true } } as unknown as Value,\n      shape: 2,\n",
  },
  {
    file: `${ORCHESTRATOR}/steps/wake.ts`,
    find: 'JSON.stringify({ rollout } satisfies RolloutDue)',
    replace: "JSON.stringify({ rollout, urgency: 'usual', shape: 2 })",
  },
  {
    file: `${ORCHESTRATOR}/steps/count-due.ts`,
    find: 'messageText(due)',
    replace: 'messageText({ ...due, sample: 1, shape: 2 })',
  },
  // Devices are told more than they know.
  {
    file: 'shared/lambda/answer-device.ts',
    find: 'Buffer.from(JSON.stringify(answer))',
    replace:
      "Buffer.from(JSON.stringify({ ...answer, servedBy: 'next', notes: { url: 'https://home/notes' } }))",
  },
];
