import type { RunningImage } from '#device/agent/image.ts';
import { isOpenToAll } from './invariants/hearing.ts';
import type { Known } from './known.ts';
import type { KnownDevice } from './known-facts.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages are looked into, whatever they hold
type Body = Readonly<Record<string, any>>;

/** What a message holds; nothing where it is no JSON. */
export function readJson(payload: Uint8Array): Body {
  try {
    return JSON.parse(Buffer.from(payload).toString()) ?? {};
  } catch {
    return {};
  }
}

/** Notes what a device has said, whether or not anybody hears it. */
export function noteSaid(
  known: Known,
  device: KnownDevice,
  { kind, body, nowMs }: { readonly kind: string; readonly body: Body; readonly nowMs: number },
): void {
  // A check may have gone where reports go.
  if (body.components !== undefined) device.claims = String(body.components.main?.version);
  if (kind === 'permit' || kind === 'check') device.asked.set(String(body.nonce), nowMs);
  if (kind === 'permit' && known.recoveringSinceMs > 0)
    device.asks = isOpenToAll(known.rollouts.get(String(body.rollout)), known) ? device.asks + 1 : 0;
  if (body.begins !== undefined) device.begins.add(String(body.bootId));
  if (kind !== 'report' || !Array.isArray(body.events)) return;
  const said = device.said.get(String(body.attempt)) ?? new Map<number, string>();
  device.said.set(String(body.attempt), said);
  for (const { seq, state } of body.events) said.set(Number(seq), String(state));
}

/** Notes which events of a report the broker has acknowledged, when it first did. */
export function noteAccepted(device: KnownDevice, body: Body, nowMs: number): void {
  if (!Array.isArray(body.events)) return;
  for (const { state } of body.events) {
    const event = `${String(body.attempt)} ${String(state)}`;
    if (!device.told.has(event)) device.told.set(event, nowMs);
  }
}

/** Notes which image truly runs. */
export function noteImage(
  device: KnownDevice,
  { version, digest, confirmed }: RunningImage,
  nowMs: number,
): void {
  if (device.version !== version) device.sinceMs = nowMs;
  device.version = version;
  // Another unit may stand in the place of one that was bricked.
  device.isBricked = false;
  if (confirmed && !device.proven.has(digest)) device.proven.set(digest, nowMs);
}
