import { clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { CountDraft } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { PreviewStore } from '../../stores/preview-store.ts';
import { countDraft } from './count-draft.ts';

/** Somebody asks whom a draft would reach by now -> its devices are counted again. */
export const handler = onHttp(
  CountDraft,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    previews: storeOver('ROLLOUTS_TABLE', (table) => new PreviewStore(table)),
    members: queue('MEMBERS_QUEUE'),
    clock,
    ids,
  },
  countDraft,
);
