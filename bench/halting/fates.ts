/** Devices that a release may reach. */
export const FLEET = 1_000_000;

/** Reboot and `silentAfter`: a brick says nothing, and is scored only then. */
export const SCORED_AFTER_MS = 60_000 + 30 * 60_000;
const QUICKEST_MS = 60_000;
const MEAN_REST_MS = 40_000;

/** How long after its permit a healthy device proves itself: a minute, and 40 s more in the mean (exponential). */
export const heardAfterMs = (random: () => number): number => QUICKEST_MS - MEAN_REST_MS * Math.log(random());

/** Share of healthy devices that have proven themselves so long after their permit. */
export const provenShare = (ageMs: number): number =>
  ageMs <= QUICKEST_MS ? 0 : 1 - Math.exp(-(ageMs - QUICKEST_MS) / MEAN_REST_MS);
