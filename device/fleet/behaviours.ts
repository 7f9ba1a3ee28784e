import type { RunningImage } from '#device/agent/image.ts';
import type { Partial, PartialStore } from '#device/agent/io/partial.ts';
import { DownloadError, InstallError, type Installer } from '#device/agent/ports.ts';
import { Report } from '#shared/contracts/device/report.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { pause } from '#shared/world/world.ts';
import type { Behaviour, Puppet } from './behaviour.ts';
import { noisy } from './noisy-link.ts';
import { rewriting } from './rewriting-link.ts';

const SLOW_BYTES_PER_SECOND = 2_000_000;
/** What a sleeper promises, in protocol minutes. */
const SLEEP_MINUTES = 5;

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Does everything right. */
export const healthy: Behaviour = { name: 'healthy' };

/** A thin line and slow flash. */
export const slow: Behaviour = {
  name: 'slow',
  downloader: (inner) => inner.atMost(SLOW_BYTES_PER_SECOND),
  installer: (inner, { world, unitMs }) =>
    installerLike(inner, {
      async install(path, manifest) {
        await pause(world, unitMs * (1 + world.random()));
        await inner.install(path, manifest);
      },
    }),
};

/** Says that it could not install, and why: `reason` is a code such as `flash-write` or `battery`. */
export const failing = (reason: string): Behaviour => ({
  name: `fail:${reason}`,
  installer: (inner) =>
    installerLike(inner, {
      install: async () => {
        throw new InstallError(reason, `simulated: ${reason}`);
      },
    }),
});

/** Says "rebooting" and is never seen again. */
export const bricking: Behaviour = {
  name: 'brick',
  installer: (inner, puppet) => installerLike(inner, { reboot: () => dies(puppet) }),
};

/** Says "installing" and is never seen again. */
export const dyingWhileInstalling: Behaviour = {
  name: 'die-installing',
  installer: (inner, puppet) => installerLike(inner, { install: () => dies(puppet) }),
};

/** The new image does not come up: the boot loader goes back to the old one by itself. */
export const reverting: Behaviour = {
  name: 'revert',
  installer: (inner) =>
    installerLike(inner, {
      async reboot() {
        await inner.reboot();
        await inner.reboot();
      },
    }),
};

/** Runs the new image on trial and never makes it permanent. */
export const unconfirmed: Behaviour = {
  name: 'unconfirmed',
  installer: (inner) => installerLike(inner, { confirm: () => never() }),
};

/** Goes on running the old image, says its version is the new one and claims success. */
export const lying: Behaviour = {
  name: 'lie',
  installer(inner) {
    let claimed: Pick<RunningImage, 'version'> | undefined;
    return installerLike(inner, {
      install: async (_path, { version }) => {
        claimed = { version };
      },
      runningImage: async () => ({ ...(await inner.runningImage()), ...claimed }),
    });
  },
  link: (inner) =>
    rewriting(inner, (_kind, body) => {
      const events = Report.safeParse(body).data?.events ?? [];
      const last = events.at(-1);
      if (last?.state !== 'rebooting') return body;
      return { ...body, events: [...events, { ...last, seq: last.seq + 1, state: 'claimed' }] };
    }),
};

/** Loses its network in the middle of each download, and goes on later. */
export const droppingOff: Behaviour = {
  name: 'drop-off',
  downloader: (inner, puppet) => inner.into(cutOnce(inner.partials, puppet)),
};

/** Sends and hears everything twice, and not in order. */
export const noisyLink: Behaviour = {
  name: 'noisy',
  link: (inner, { world, unitMs }) => noisy(inner, world, unitMs),
};

/** Sleeps long after an install, as it says beforehand. */
export const sleeping: Behaviour = {
  name: 'sleep',
  installer: (inner, { world, unitMs }) =>
    installerLike(inner, {
      async reboot() {
        await pause(world, SLEEP_MINUTES * unitMs);
        await inner.reboot();
      },
    }),
  link: (inner, { unitMs }) =>
    rewriting(inner, (kind, body) =>
      kind === 'permit' ? body : { ...body, backWithin: Math.ceil((2 * SLEEP_MINUTES * unitMs) / 1000) + 60 },
    ),
};

/** Forgets everything at the reboot into the new image. */
export const forgetting: Behaviour = {
  name: 'factory-reset',
  installer: (inner, puppet) =>
    installerLike(inner, {
      async reboot() {
        await puppet.loseState();
        await inner.reboot();
      },
    }),
};

/** Has a twin with the same certificate. */
export const cloned: Behaviour = { name: 'clone', isCloned: true };

const ALL: readonly Behaviour[] = [
  ...[healthy, slow, bricking, dyingWhileInstalling, reverting, unconfirmed, lying],
  ...[droppingOff, noisyLink, sleeping, forgetting, cloned],
];

/** The names that `behaviourNamed` knows, `fail` standing for `fail:<reason>`. */
export const BEHAVIOUR_NAMES: readonly string[] = [...ALL.map(({ name }) => name), 'fail'];

/** The behaviour of that name. Throws `ConfigurationError` for a name that means nothing. */
export function behaviourNamed(name: string): Behaviour {
  const [kind, reason = 'flash-write'] = name.split(':');
  if (kind === 'fail' && /^[a-z0-9-]{1,40}$/.test(reason)) return failing(reason);
  const found = ALL.find((one) => one.name === name);
  if (found === undefined) throw new ConfigurationError(`${name} is none of ${BEHAVIOUR_NAMES.join(', ')}`);
  return found;
}

/** An installer that does some things differently. */
function installerLike(inner: Installer, different: globalThis.Partial<Installer>): Installer {
  return {
    install: (path, manifest) => inner.install(path, manifest),
    reboot: () => inner.reboot(),
    runningImage: () => inner.runningImage(),
    confirm: () => inner.confirm(),
    ...different,
  };
}

function dies(puppet: Puppet): Promise<never> {
  puppet.brick();
  return never();
}

/** Storage that breaks the first download of each artifact in its middle, together with the connection. */
function cutOnce(inner: PartialStore, puppet: Puppet): PartialStore {
  const cut = new Set<string>();
  return {
    whole: (sha256) => inner.whole(sha256),
    discard: (sha256) => inner.discard(sha256),
    async open(sha256, sizeBytes) {
      const partial = await inner.open(sha256, sizeBytes);
      if (cut.has(sha256)) return partial;
      return cutting(partial, sizeBytes / 2, async () => {
        cut.add(sha256);
        await puppet.dropLink(puppet.unitMs);
      });
    },
  };
}

function cutting(inner: Partial, atBytes: number, onCut: () => Promise<void>): Partial {
  return {
    get receivedBytes() {
      return inner.receivedBytes;
    },
    get etag() {
      return inner.etag;
    },
    restart: (etag) => inner.restart(etag),
    pause: () => inner.pause(),
    digest: () => inner.digest(),
    keep: () => inner.keep(),
    async append(chunk) {
      if (inner.receivedBytes >= atBytes) {
        await onCut();
        throw new DownloadError('network', 'simulated: the network is gone');
      }
      await inner.append(chunk);
    },
  };
}
