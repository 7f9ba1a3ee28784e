import * as backup from './backup.ts';
import * as clock from './clock.ts';
import * as deployment from './deployment.ts';
import * as devices from './devices.ts';
import type { Fault } from './fault.ts';
import * as functions from './functions.ts';
import * as host from './host.ts';
import * as operators from './operators.ts';
import * as owners from './owners.ts';
import * as queues from './queues.ts';
import * as signing from './signing.ts';
import * as table from './table.ts';
import * as wire from './wire.ts';

const isFault = (one: unknown): one is Fault => typeof one === 'object' && one !== null && 'most' in one;

/** Every fault there is, in one order for ever: from the table outwards, so that those of the wire come last. */
export const FAULTS: readonly Fault[] = [
  table,
  queues,
  deployment,
  functions,
  wire,
  devices,
  host,
  clock,
  backup,
  operators,
  owners,
  signing,
].flatMap((module) => Object.values(module).filter(isFault));
