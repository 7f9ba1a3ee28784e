import type { TestHost } from '#host/testing/test-host.ts';

/** Drafts and launches a rollout of that document and lets what follows from it happen; answers its name. Throws when it does not run. */
export async function draftAndLaunch(host: TestHost, document: Record<string, unknown>): Promise<string> {
  const { body } = await host.http('POST', '/rollouts', { document });
  const launched = await host.http('POST', `/rollouts/${body.rollout}/launch`);
  if (launched.body.state !== 'running') throw new Error(`not launched: ${JSON.stringify(launched.body)}`);
  await host.settle();
  return body.rollout;
}
