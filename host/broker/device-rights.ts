import type { AttachedThing } from './peer.ts';

/** What the IoT policy speaks of. */
export type DeviceAction =
  | 'iot:Connect'
  | 'iot:Publish'
  | 'iot:RetainPublish'
  | 'iot:Subscribe'
  | 'iot:Receive';

/** The IoT policy, ready to be asked. */
export interface DeviceRights {
  /** Whether the client `clientId` of that thing may; `resource` as in an ARN: `client/<id>`, `topic/<topic>`, `topicfilter/<filter>`. */
  allows(action: DeviceAction, resource: string, thing: AttachedThing, clientId: string): boolean;
}
