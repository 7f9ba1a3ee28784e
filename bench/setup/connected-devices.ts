import { type DeviceAccess, LoadDevice } from '../load/load-device.ts';

/** Handshakes at the same time. */
const AT_A_TIME = 16;

/** Connects all; answers them in order. */
export async function connectDevices(accesses: readonly DeviceAccess[]): Promise<LoadDevice[]> {
  const devices: LoadDevice[] = [];
  let next = 0;
  const some = async () => {
    for (let at = next++; at < accesses.length; at = next++) {
      // `at` is below the length.
      devices[at] = await LoadDevice.connect(accesses[at] as DeviceAccess);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, some));
  return devices;
}
