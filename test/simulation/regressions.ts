/** A seed that once failed, and what it found. */
export interface Regression {
  readonly seed: string;
  readonly found: string;
}

/** Kept for ever: what the simulation found in the product, fixed since. */
export const REGRESSIONS: readonly Regression[] = [
  {
    seed: '3855',
    found:
      'an abort that had read the stage before the next one opened told the audit log of a stage that was left',
  },
  {
    seed: '5514',
    found:
      'a report that was accepted fell to the retention of its queue, because the machine was off for a month',
  },
  {
    seed: '843',
    found:
      'a check that said what was known was left out beside a late one of the boot before, which then stood as what runs',
  },
  {
    seed: '26181',
    found:
      'a permit was written ten seconds after the install hours had closed, judged before that by slow reads',
  },
  {
    seed: '231',
    found: 'a device got its permit after it was decommissioned: its request had been judged before',
  },
  {
    seed: '1049',
    found:
      'a look at silence that ran while the clock was set ahead took the note of that for one of a clock that was put back',
  },
  {
    seed: '1835',
    found:
      'changes that waited while the clock was set ahead counted as too old, so that the first failure made dead letters of them',
  },
  {
    seed: '3245',
    found:
      'members were counted after the rollout was over, without those that had forgotten it with their next permit',
  },
  {
    seed: '5711',
    found: 'a repeat of an old check took the place of the newest one after the clock was put back',
  },
  {
    seed: '7095',
    found: 'members were not counted again for an hour after the clock was put back below their last count',
  },
  {
    seed: '7471',
    found: 'a write in which the store failed left a rejection behind that nobody handled',
  },
  {
    seed: '14311',
    found: 'a device that left while the clock was ahead was counted as a member after it had been put back',
  },
  {
    seed: '34293',
    found:
      'a device that left before the clock had come to the last count again was counted as a member, because nobody looked until then',
  },
  {
    seed: '47568',
    found:
      'a device was lost while its report was unread, because what lay first in the queue was sent by the clock before it was put back',
  },
  {
    seed: '56180',
    found:
      'a device was shown as away because the end of a session before its own was heard last, after the clock had been put back',
  },
  {
    seed: '60433',
    found:
      'a rollout granted no permit for an hour, because a proof right after the clock was set ahead by that hour counted it as the delay of its device',
  },
  {
    seed: '67977',
    found:
      'an attempt that quarantine had excused while it was open never ended, because its rollout was over and nobody looked at it any more',
  },
];
