import type { RunningImage } from '#device/agent/image.ts';
import type { AgentNews } from '#device/agent/machine/state.ts';
import type { Wire } from '../faults/fault.ts';
import type { BrokerObserver } from '../fleet/broker.ts';
import type { DeviceObserver } from '../fleet/simulated-device.ts';
import type { Story } from '../run/story.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Known } from './known.ts';
import { noteAccepted, noteImage, noteSaid, readJson } from './note-device.ts';
import { textOfMessage } from './words.ts';

/** Moments of a device's update at which a person may do the worst. */
export type Moment = 'offered' | 'asks' | 'granted' | 'began' | 'rebooting' | 'good';

/** Watches what devices say and hear, and what truly becomes of them. */
export class DeviceWatch implements BrokerObserver, DeviceObserver {
  readonly #world: SimulatedWorld;
  readonly #story: Story;
  readonly #known: Known;
  readonly #violate: (name: string, what: string) => void;
  readonly #moments: ((thing: string, moment: Moment) => void)[] = [];

  constructor(parts: {
    readonly world: SimulatedWorld;
    readonly story: Story;
    readonly known: Known;
    /** Hears of what must never happen. */
    readonly violate: (name: string, what: string) => void;
  }) {
    this.#world = parts.world;
    this.#story = parts.story;
    this.#known = parts.known;
    this.#violate = parts.violate;
  }

  /** Calls `run` at every such moment. */
  onMoment(run: (thing: string, moment: Moment) => void): void {
    this.#moments.push(run);
  }

  /** Tells those who wait for such moments. */
  tellMoment(thing: string, moment: Moment): void {
    for (const run of this.#moments) run(thing, moment);
  }

  onSaid({ thing, kind, payload }: Wire): void {
    const body = readJson(payload);
    if (this.#story.isWanted) this.#story.tell(thing, `says ${kind} ${textOfMessage(body)}`);
    const device = this.#known.devices.get(thing);
    if (device === undefined) return;
    noteSaid(this.#known, device, { kind, body, nowMs: this.#world.nowMs });
  }

  /** The broker has acknowledged a message: it is where nothing is lost. */
  onAccepted({ thing, kind, payload }: Wire): void {
    const device = this.#known.devices.get(thing);
    if (kind === 'report' && device !== undefined) noteAccepted(device, readJson(payload), this.#world.nowMs);
  }

  onHeard({ thing, kind }: Wire): void {
    this.#story.tell(thing, `hears ${kind}`);
  }

  onSessions(thing: string, sessions: readonly string[]): void {
    const device = this.#known.devices.get(thing);
    if (device === undefined) return;
    device.connection = { sessions, sinceMs: this.#world.nowMs };
    device.wasShared ||= sessions.length > 1;
  }

  onSessionUntold(thing: string): void {
    const device = this.#known.devices.get(thing);
    if (device !== undefined) device.isSessionUntold = true;
  }

  onImage(thing: string, image: RunningImage): void {
    const { version, confirmed } = image;
    this.#story.tell(thing, `runs ${version}${confirmed ? '' : ', on trial'}`);
    const device = this.#known.devices.get(thing);
    if (device !== undefined) noteImage(device, image, this.#world.nowMs);
  }

  onNews(thing: string, news: AgentNews): void {
    if (news.news === 'offer-taken') this.tellMoment(thing, 'offered');
    if (news.news === 'permit-asked') this.tellMoment(thing, 'asks');
    if (news.news === 'granted' || news.news === 'began') this.tellMoment(thing, news.news);
    if (news.news === 'reported' && news.state === 'rebooting') this.tellMoment(thing, 'rebooting');
    if (news.news === 'began') this.#known.devices.get(thing)?.begun.add(news.attempt);
    if (news.news === 'granted') {
      const device = this.#known.devices.get(thing);
      if (device !== undefined) device.asks = 0;
    }
    if (news.news === 'offer-turned-down') this.#story.tell(thing, `turns an offer down: ${news.why}`);
    if (news.news === 'withdrawn') this.#story.tell(thing, `gives up: ${news.why}`);
  }

  onBricked(thing: string): void {
    this.#story.tell(thing, 'is bricked');
    const device = this.#known.devices.get(thing);
    if (device !== undefined) device.isBricked = true;
  }

  onFault(thing: string, error: unknown): void {
    this.#violate(thing, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
