import { RegisterDevice } from '#shared/contracts/api/devices.ts';
import type { ApiClient } from '../../cli/api-client.ts';
import type { DeviceAccess } from '../load/load-device.ts';
import { HARDWARE, PRODUCT } from './bench-product.ts';

/** As many calls at a time as the client has connections. */
const AT_A_TIME = 4;

/** Registers devices `<prefix>-0` to `<prefix>-<count - 1>` one by one through the API, each with a key and certificate of its own. */
export async function registerDevices(
  client: ApiClient,
  mqttPort: number,
  prefix: string,
  count: number,
): Promise<DeviceAccess[]> {
  const registered: DeviceAccess[] = [];
  let next = 0;
  const some = async () => {
    while (next < count) {
      const body = { deviceId: `${prefix}-${next++}`, product: PRODUCT, hardware: HARDWARE };
      // Said to be idempotent for the sake of kept connections; a repeat would be refused, and none is needed on loopback.
      const answer = await client.call(RegisterDevice, { body: { ...body, tags: [] } }, { idempotent: true });
      const { thing, certificate, privateKey, authority } = answer;
      if (privateKey === undefined) throw new Error(`${thing} was given no key`);
      registered.push({
        thing,
        mqttPort,
        certificatePem: certificate,
        privateKeyPem: privateKey,
        authorityPem: authority,
      });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, some));
  return registered;
}
