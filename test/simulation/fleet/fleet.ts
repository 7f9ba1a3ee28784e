import type { Downloader } from '#device/agent/ports.ts';
import type { AgentSettings } from '#device/agent/settings.ts';
import type { SimulatedHost } from '../host/simulated-host.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Broker } from './broker.ts';
import { type DeviceObserver, type DeviceTraits, SimulatedDevice } from './simulated-device.ts';

/** What the devices of a history share. */
export interface FleetParts {
  readonly world: SimulatedWorld;
  readonly host: () => SimulatedHost;
  readonly observer: DeviceObserver;
  readonly settingsOf: (traits: DeviceTraits) => AgentSettings;
  /** How far its wall clock is ahead, milliseconds. */
  readonly clockSkewOf: (traits: DeviceTraits) => number;
  /** What disturbs the downloads of a device. */
  readonly aroundDownloads: (downloader: Downloader) => Downloader;
}

/** All devices of a history. */
export class Fleet {
  readonly broker: Broker;
  readonly devices: SimulatedDevice[] = [];
  readonly #parts: FleetParts;

  constructor(broker: Broker, parts: FleetParts) {
    this.broker = broker;
    this.#parts = parts;
  }

  /** Makes a unit that holds that certificate; not switched on yet. `unit` tells twins with one identity apart. */
  add(traits: DeviceTraits, certificateId: string, unit = ''): SimulatedDevice {
    const { world, host, observer, settingsOf, clockSkewOf, aroundDownloads } = this.#parts;
    const device = new SimulatedDevice(traits, {
      world: world.view(`device ${traits.tenant} ${traits.deviceId}${unit}`, clockSkewOf(traits)),
      settings: settingsOf(traits),
      broker: this.broker,
      host,
      certificateId,
      observer,
      aroundDownloads,
    });
    this.devices.push(device);
    return device;
  }

  /** The unit that was made first under that name. */
  named(thing: string): SimulatedDevice | undefined {
    return this.devices.find((device) => device.thing === thing);
  }
}
