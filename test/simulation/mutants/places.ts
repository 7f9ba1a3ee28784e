/** The folder of the service whose decisions most mutants break, from the root of the repository. */
export const SERVICE = 'services/rollout-orchestrator';
/** Why a device gets nothing. */
export const OBJECTIONS = `${SERVICE}/domain/decision/objections.ts`;
/** Where permits are granted. */
export const GRANTS = `${SERVICE}/steps/grant-in-rollout.ts`;
/** What the gate of a rollout lets through. */
export const GATES = `${SERVICE}/stores/gate-store.ts`;
/** How an attempt is written down. */
export const ATTEMPT_ROWS = `${SERVICE}/domain/attempt/attempt-row.ts`;
