import { beforeEach, expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { LocalDownloads } from './local-downloads.ts';
import { UrlSigner } from './presigned-url.ts';

let world: VirtualWorld;
let signer: UrlSigner;
let downloads: LocalDownloads;
beforeEach(() => {
  world = new VirtualWorld();
  signer = new UrlSigner(new Uint8Array(32).fill(7), 'https://localhost', world);
  downloads = new LocalDownloads('firmware', signer, world);
});

const allowed = (url: string) => signer.check('GET', url.replace('https://localhost', ''));

test('whoever asks within one second for one life gets one URL, others their own', async () => {
  const first = await downloads.url('cam/2.1.0', { lifeSeconds: 900 });
  const others = [
    await downloads.url('cam/2.0.0', { lifeSeconds: 900 }),
    await downloads.url('cam/2.1.0', { lifeSeconds: 60 }),
    await downloads.url('cam/2.0.0', { lifeSeconds: 60 }),
  ];
  expect(await downloads.url('cam/2.1.0', { lifeSeconds: 900 })).toBe(first);
  expect(new Set([first, ...others]).size).toBe(4);
  expect(others.map(allowed)).toMatchObject([
    { key: 'cam/2.0.0', expiresAtSeconds: allowed(first).expiresAtSeconds },
    { key: 'cam/2.1.0', expiresAtSeconds: allowed(first).expiresAtSeconds - 840 },
    { key: 'cam/2.0.0', expiresAtSeconds: allowed(first).expiresAtSeconds - 840 },
  ]);
});

test('a second later the URL lives a second longer', async () => {
  const first = allowed(await downloads.url('cam/2.1.0', { lifeSeconds: 900 }));
  await world.advance(1_000);
  const second = allowed(await downloads.url('cam/2.1.0', { lifeSeconds: 900 }));
  expect(second.expiresAtSeconds).toBe(first.expiresAtSeconds + 1);
});
