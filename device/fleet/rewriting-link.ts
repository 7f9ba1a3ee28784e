import type { Said } from '#device/agent/machine/state.ts';
import type { Link } from '#device/agent/ports.ts';

/** A message that a device is about to send, as JSON. */
type Body = Readonly<Record<string, unknown>>;

/** A link on which what the device says is changed before it leaves. */
export function rewriting(inner: Link, change: (kind: Said, body: Body) => Body): Link {
  return {
    open: (listener) => inner.open(listener),
    publish: (kind, payload) =>
      inner.publish(
        kind,
        Buffer.from(JSON.stringify(change(kind, JSON.parse(Buffer.from(payload).toString())))),
      ),
    close: () => inner.close(),
  };
}
