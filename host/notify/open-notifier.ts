import { stat } from 'node:fs/promises';
import { Ulids } from '#shared/world/ulids.ts';
import type { World } from '#shared/world/world.ts';
import type { AccessTokens } from '../access/access-tokens.ts';
import { freeBytesOf } from '../bucket/room.ts';
import type { Host } from '../host.ts';
import type { ServerCertificateRenewal } from '../identity/server-certificate.ts';
import type { Services } from '../serverless/read-services.ts';
import { pathIn } from '../store/open-sqlite.ts';
import { Notifier } from './notifier.ts';
import {
  ageSight,
  certificateSight,
  counterSights,
  deadLetterSight,
  diskSight,
  longLogSight,
  streamSight,
} from './sights.ts';
import type { NotifyTarget } from './target.ts';
import { tokenEndsSight } from './token-ends-sight.ts';
import { Webhook } from './webhook.ts';

/** The notifier of a host that was opened and has not started; `name` is how the host is reached, `directory` where its data is. */
export function openNotifier(
  target: NotifyTarget,
  parts: {
    readonly host: Host;
    readonly services: Services;
    readonly directory: string;
    readonly name: string;
    readonly world: World;
    readonly renewal: ServerCertificateRenewal;
    readonly tokens: Pick<AccessTokens, 'list'>;
  },
): Notifier {
  const { host, services, directory, name, world, renewal, tokens } = parts;
  const definitions = [services.platform, ...services.services];
  const queues = definitions.flatMap((definition) => definition.queues);
  const prefix = `evenkeel-${services.platform.place.stage}-`;
  return new Notifier({
    store: host.store,
    receiver: new Webhook(target, name, world),
    sights: [
      certificateSight(renewal),
      tokenEndsSight(
        () => tokens.list(),
        () => world.now(),
      ),
      diskSight(() => freeBytesOf(directory)),
      longLogSight(async () => (await stat(`${pathIn(directory)}-wal`)).size),
      ...counterSights(
        definitions.flatMap(({ alarms }) => alarms),
        () => host.functions.metrics,
      ),
      ...definitions.flatMap(({ name: service, functions }) =>
        functions.flatMap(({ key, name: physical }) =>
          host.triggers.streams
            .filter(({ functionName }) => functionName === physical)
            .map((stream) => streamSight(service, key, stream)),
        ),
      ),
      ...queues.map(({ name: physical, redrive, visibilityTimeoutSeconds }) => {
        const queue = host.resources.queue(physical);
        const short = physical.replace(prefix, '');
        const isForDeadLetters = redrive === undefined;
        return isForDeadLetters
          ? deadLetterSight(short, queue)
          : ageSight(short, queue, visibilityTimeoutSeconds);
      }),
    ],
    world,
    ids: new Ulids(world),
    log: host.log,
  });
}
