/** How devices get their permits: downloads first and asks then, or with the answer to their check (documents' `permits`). */
const UPDATE_WAYS = ['asked', 'direct'] as const;
export type UpdateWay = (typeof UPDATE_WAYS)[number];

/** What a device's update consists of, in the order in which it happens. */
export const UPDATE_STEPS = ['offer', 'permit', 'report', 'proof', 'log', 'control'] as const;
export type UpdateStep = (typeof UPDATE_STEPS)[number];

/** What an invocation can say that it is about: a step of an update, a check that tells news, or one that is told to wait. */
export type Step = UpdateStep | 'news' | 'wait';

/** What each step is, for people. */
export const STEP_TEXT: Readonly<Record<UpdateStep, string>> = {
  offer: 'check, offered or handed on',
  permit: 'permit granted and answered',
  report: 'reports applied and acknowledged',
  proof: 'check in the new boot, applied',
  log: 'reports kept in the raw log',
  control: 'window, stages, silence, counting',
};
