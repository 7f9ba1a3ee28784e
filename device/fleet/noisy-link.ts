import type { Link } from '#device/agent/ports.ts';
import { pause, type World } from '#shared/world/world.ts';

/** A link on which every message passes twice, each time after a random part of `latestMs`, in both directions. */
export function noisy(inner: Link, world: World, latestMs: number): Link {
  const late = () => pause(world, world.random() * latestMs);
  return {
    open(listener) {
      inner.open({
        onUp: () => listener.onUp(),
        onMessage(kind, payload) {
          for (let copy = 0; copy < 2; copy++) {
            late().then(() => listener.onMessage(kind, payload));
          }
        },
      });
    },
    async publish(kind, payload) {
      const send = async () => {
        await late();
        await inner.publish(kind, payload);
      };
      const [first, second] = await Promise.allSettled([send(), send()]);
      if (first.status === 'rejected' && second.status === 'rejected') throw first.reason;
    },
    close: () => inner.close(),
  };
}
