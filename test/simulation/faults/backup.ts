import { nowAndThen } from './devices.ts';
import type { Fault } from './fault.ts';

const MINUTE_MS = 60_000;
/** How often a backup is tried for, where a turn is not over yet. */
const BACKUP_AGAIN_MS = 1;
/** People look at what a restored host has paused for so long at most. */
const LOOKS_MS = 3 * MINUTE_MS;

export const restored: Fault = {
  name: 'restored-from-backup',
  what: 'the host ends and is started on a backup of some minutes ago; a person resumes, or aborts, the rollouts that it has paused',
  most: 6,
  begin: (stage, chance) => {
    let hasBackedUp = false;
    const backUp = (run: (restore: () => void) => void): void => {
      const restore = stage.host.backUp();
      if (restore === undefined) chance.world.after(BACKUP_AGAIN_MS, () => backUp(run));
      else run(restore);
    };
    const restoreLater = (restore: () => void): void => {
      chance.world.after(chance.upTo(5 * MINUTE_MS), () => {
        if (!chance.isArmed || stage.offForMs() > 0) return;
        chance.fired('');
        const downMs = chance.upTo(MINUTE_MS);
        restore();
        chance.world.after(downMs, () => stage.offForMs() === 0 && stage.host.start());
        chance.world.after(downMs + chance.upTo(LOOKS_MS), () => void goOn());
      });
    };
    const goOn = async (): Promise<void> => {
      for (const { id, tenant } of stage.unresumed()) {
        const what = chance.stream.happens(0.8) ? 'resume' : 'abort';
        await stage.operator.insist(tenant, 'POST', `/rollouts/${id}/${what}`, {
          reason: 'nothing failed since',
        });
      }
    };
    nowAndThen(stage, chance, () => {
      if (hasBackedUp || !stage.host.isUp) return;
      hasBackedUp = true;
      backUp(restoreLater);
    });
  },
};
