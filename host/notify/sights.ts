import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { ServerCertificateRenewal } from '../identity/server-certificate.ts';
import type { CounterAlarm } from '../serverless/service-definition.ts';
import { UNREAD_LOG_BYTES } from '../store/checkpoints-beside.ts';
import type { Sight } from './lookout.ts';

/** Counters that rise with a change of a rollout, which the event itself tells of. */
const TOLD_BY_EVENTS: readonly string[] = ['RolloutHalted', 'RolloutPausedUnreadable', 'RolloutStalled'];

/** The counters of the services that must not rise, as on AWS; `metrics` are those since the host started. */
export function counterSights(
  alarms: readonly CounterAlarm[],
  metrics: () => Readonly<Record<string, number>>,
): Sight[] {
  return alarms
    .filter(({ metric }) => !TOLD_BY_EVENTS.includes(metric))
    .map(({ metric, minutes, description }) => {
      let before = 0;
      return {
        name: metric,
        minutes,
        async look() {
          const now = metrics()[metric] ?? 0;
          const rise = now - before;
          before = now;
          return rise === 0 ? undefined : description;
        },
      };
    });
}

/** A queue is behind where its oldest message is older than this, or than two deliveries: as the alarm on AWS has it. */
const LEAST_AGE_MS = 300_000;

/** A queue: its oldest message has waited for long, so that its consumer fails, or there is more than it handles. */
export function ageSight(name: string, queue: Backlog, visibilityTimeoutSeconds: number): Sight {
  const mostMs = Math.max(LEAST_AGE_MS, 2 * visibilityTimeoutSeconds * 1000);
  return {
    name: `${name}-age`,
    minutes: 3,
    async look() {
      const { messages, oldestAgeMs = 0 } = await queue.unread();
      if (oldestAgeMs <= mostMs) return undefined;
      return (
        `the oldest of ${messages} messages in ${name} has waited for more than ${mostMs / 60_000} minutes: their consumer fails, ` +
        'or there is more than this machine handles. Look for errors in the log'
      );
    },
  };
}

/** A change stream is behind where the oldest change has waited for longer: as the alarm on AWS has it. */
const MOST_LAG_MS = 60_000;

/** What stands still with a function behind a change stream. */
const STANDS_STILL: Readonly<Record<string, string>> = {
  sealAudit:
    'what is decided is not sealed, so that `evenkeel audit --verify` names it as unsealed, and nothing would show that it was altered',
  relayOutbox: 'other services do not hear of what is decided, revocations of releases among it',
};

/** A function behind a change stream: it does not get on, which no counter and no queue tells. */
export function streamSight(service: string, key: string, stream: { readonly oldestAgeMs: number }): Sight {
  return {
    name: `${service}-${key}-lag`,
    minutes: 5,
    async look() {
      const { oldestAgeMs } = stream;
      if (oldestAgeMs <= MOST_LAG_MS) return undefined;
      const what = STANDS_STILL[key] ?? 'what follows from changes of its table waits';
      return (
        `${key} of ${service} is ${Math.round(oldestAgeMs / 60_000)} minutes behind: ${what}. ` +
        'The log says why ("a stream batch failed"); mend the cause, and it goes on by itself'
      );
    },
  };
}

/** A dead-letter queue: letters lie in it, and they are more than at the last look. What lay there before the start is told after it. */
export function deadLetterSight(name: string, queue: Backlog): Sight {
  let before = 0;
  return {
    name,
    minutes: 1,
    async look() {
      const { messages } = await queue.unread();
      const rise = messages - before;
      before = messages;
      if (rise <= 0) return undefined;
      return (
        `${messages} dead letters lie in ${name}: what could not be handled after all tries. ` +
        'The log names the cause; mend it, then: npm run dead-letters -- --help'
      );
    },
  };
}

/** The log of the database: somebody who reads, such as a backup that was suspended, keeps it from beginning anew, and it takes the disk. */
export function longLogSight(logBytes: () => Promise<number>): Sight {
  return {
    name: 'database-log',
    // A backup of a large database is allowed to take some.
    minutes: 15,
    async look() {
      const bytes = await logBytes();
      if (bytes <= UNREAD_LOG_BYTES) return undefined;
      return (
        `the log of the database has grown to ${Math.round(bytes / 1e6)} MB and grows on, because somebody reads the database: ` +
        'end a backup that hangs or is suspended, before the disk is full'
      );
    },
  };
}

/** Time to act, at the pace at which disks fill: four times what uploads leave free (see `Room`). */
const LITTLE_ROOM_BYTES = 1_000_000_000;

/** The disk of the data directory: little room is left, told while the host still can; a full disk ends it. */
export function diskSight(freeBytes: () => Promise<number>): Sight {
  return {
    name: 'disk-room',
    minutes: 1,
    async look() {
      const free = await freeBytes();
      if (free >= LITTLE_ROOM_BYTES) return undefined;
      return (
        `the disk of its data has ${Math.floor(free / 1_000_000)} MB left: make room. Uploads are refused where less than 256 MB would ` +
        'stay free, and the host ends when nothing is left'
      );
    },
  };
}

/** The certificate of the server cannot be renewed: from its end on no device and nobody gets in, however well all else goes. */
export function certificateSight(renewal: Pick<ServerCertificateRenewal, 'endsAtMs' | 'hasFailed'>): Sight {
  return {
    name: 'server-certificate',
    minutes: 1,
    async look() {
      if (!renewal.hasFailed) return undefined;
      return (
        `its certificate (authority/server.pem) cannot be renewed. It ends on ${new Date(renewal.endsAtMs).toISOString()}, and after that no ` +
        'device and nobody gets in. The log says why ("the host failed at something"); it is tried again each hour, and at a start'
      );
    },
  };
}
