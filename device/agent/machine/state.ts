import type { Manifest } from '#shared/contracts/manifest.ts';
import type { RunningImage } from '../image.ts';
import type { Kept } from '../kept.ts';

/** An offer whose signature and claims were found good. */
export interface Job {
  readonly rollout: string;
  readonly release: string;
  readonly version: string;
  readonly sequence: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly url: string;
  readonly manifest: Manifest;
}

/** A request that may still be answered. */
export interface Asked {
  readonly nonce: string;
  /** On the monotonic clock, before the request left: from then on a permit counts. */
  readonly sentMs: number;
}

/** Leave to install, void from `endsMs` on the monotonic clock of this boot. */
export interface Permit {
  readonly attempt: string;
  readonly endsMs: number;
}

/** How far the device is with an update, in this boot. */
export type Phase =
  | { readonly at: 'idle' }
  /** `running` is false while it waits to try again, or for a fresh URL. With a permit it begins to install once the download is there. */
  | { readonly at: 'fetching'; readonly job: Job; readonly running: boolean; readonly permit?: Permit }
  | { readonly at: 'asking'; readonly job: Job; readonly path: string; readonly asked?: Asked }
  | { readonly at: 'installing'; readonly job: Job; readonly attempt: string }
  | { readonly at: 'rebooting'; readonly left: boolean };

/** What waits for its turn, by name; each has at most one timer. */
export type TimerName = 'check' | 'permit' | 'report' | 'download' | 'reboot' | 'self-test';

/** How often each has been tried in vain: decides how long the next wait is. */
export type Tries = Readonly<Record<'check' | 'permit' | 'report' | 'download' | 'install', number>>;

/** All that a device knows; `kept` outlives the boot, the rest does not. */
export interface AgentState {
  readonly kept: Kept;
  readonly bootId: string;
  /** Monotonic time of the boot. */
  readonly bootedMs: number;
  readonly image: RunningImage;
  readonly phase: Phase;
  readonly tries: Tries;
  /** Permits asked for in this boot, be it by checks. */
  readonly asks: number;
  /** The last check, where it asks for a permit at once and has not been answered. */
  readonly direct?: Asked | undefined;
  /** When the next check falls due, on the monotonic clock. */
  readonly checkAtMs: number;
  /** Nonce of the last check. */
  readonly checkNonce?: string;
  /** The last check, or none yet, has not reached the broker. */
  readonly checkUnsent: boolean;
  /** Checks of a boot that follows an install that the broker has yet to take as its proof, and repeats of it; 0 in any other boot. */
  readonly proofsLeft: number;
  /** What was kept as trouble is not downloaded before this monotonic time. */
  readonly avoidUntilMs: number;
  /** After an install that failed no offer is taken before this monotonic time: flash and battery are spared. */
  readonly restUntilMs: number;
}

/** Everything that may happen to a device in a boot. */
export type Input =
  | { readonly input: 'link-up' }
  | { readonly input: 'message'; readonly kind: Heard; readonly body: unknown }
  | { readonly input: 'sent' | 'unsent'; readonly kind: Said; readonly nonce: string }
  | { readonly input: 'downloaded'; readonly sha256: string; readonly path: string }
  | {
      readonly input: 'download-failed';
      readonly sha256: string;
      readonly cause: DownloadFailure;
      readonly why: string;
    }
  | { readonly input: 'installed' | 'install-late'; readonly attempt: string }
  | {
      readonly input: 'install-failed';
      readonly attempt: string;
      readonly reason: string;
      readonly detail?: string;
    }
  | { readonly input: 'confirmed'; readonly image: RunningImage }
  | { readonly input: 'self-test-failed'; readonly why: string }
  | { readonly input: 'timer'; readonly name: TimerName };

/** Kinds of messages that a device hears, and says. */
export type Heard = 'offer' | 'permit' | 'ack' | 'refused' | 'hint';
/** Topics that a device publishes on. */
export type Said = 'check' | 'permit' | 'report';

/** Why a download did not succeed: `expired` asks for a fresh URL, `network` is tried again, the others give up. */
export type DownloadFailure = 'expired' | 'network' | 'mismatch' | 'no-space';

/** What the device has to do, in this order; each may take its time except where it says so. */
export type Effect =
  /** Must be on disk before the effects after it begin. */
  | { readonly do: 'keep'; readonly kept: Kept }
  | { readonly do: 'publish'; readonly kind: Said; readonly nonce: string; readonly body: object }
  | { readonly do: 'arm'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly do: 'disarm'; readonly timer: TimerName }
  | { readonly do: 'download'; readonly job: Job }
  | { readonly do: 'stop-download' }
  | { readonly do: 'discard'; readonly sha256: string }
  /** Not to be begun at or after `beforeMs` of the monotonic clock. */
  | { readonly do: 'install'; readonly job: Job; readonly path: string; readonly permit: Permit }
  | { readonly do: 'self-test' }
  | { readonly do: 'reboot' }
  | { readonly do: 'tell'; readonly news: AgentNews };

/** What an observer of a device may want to know. */
export type AgentNews =
  | { readonly news: 'booted'; readonly image: RunningImage }
  | { readonly news: 'confirmed'; readonly image: RunningImage }
  /** The broker has the check. */
  | { readonly news: 'checked' }
  | { readonly news: 'offer-taken'; readonly release: string }
  | { readonly news: 'offer-turned-down'; readonly why: string }
  | { readonly news: 'downloaded'; readonly release: string }
  | { readonly news: 'download-failed'; readonly cause: DownloadFailure; readonly why: string }
  | { readonly news: 'self-test-failed'; readonly why: string }
  | { readonly news: 'permit-asked'; readonly release: string }
  | { readonly news: 'told-to-wait'; readonly seconds: number }
  | { readonly news: 'granted' | 'began'; readonly attempt: string; readonly release: string }
  | { readonly news: 'reported'; readonly state: string; readonly reason?: string }
  | { readonly news: 'withdrawn'; readonly why: string }
  | { readonly news: 'refused'; readonly message: string; readonly field: string; readonly rule: string };
