import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readServices } from '#host/serverless/read-services.ts';
import { awsHome } from '#shared/aws/aws-home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { realWorld } from '#shared/world/real-world.ts';

const { services } = readServices({ root: path.resolve(import.meta.dirname, '../..'), stage: 'test' });
const functions = services.flatMap(({ name, functions: all }) =>
  all.map((definition) => [`${name}/${definition.key}`, definition] as const),
);

/** Binds a function to the AWS home with these variables alone, as its first invocation does; answers what that throws. */
async function faultOf(handlerFile: string, environment: Readonly<Record<string, string>>): Promise<unknown> {
  const { handler } = await import(handlerFile);
  try {
    await handler.on(awsHome({ environment, world: realWorld }));
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(functions)('%s', (_name, { handlerFile, environment }) => {
  test('starts with the variables of its template', async () => {
    expect(await faultOf(handlerFile, environment)).toBeUndefined();
  });

  test.each(Object.keys(environment))(
    'stops at start without %s, and with nothing in it, by name',
    async (variable) => {
      const { [variable]: _missing, ...without } = environment;
      for (const incomplete of [without, { ...environment, [variable]: '' }]) {
        const fault = await faultOf(handlerFile, incomplete);
        expect(fault).toBeInstanceOf(ConfigurationError);
        expect(String(fault)).toMatch(new RegExp(`\\b${variable}\\b`));
      }
    },
  );
});

const withIndexes = functions.flatMap(([name, definition]) =>
  Object.keys(definition.environment)
    .filter((variable) => variable.endsWith('_INDEXES'))
    .map((variable) => [name, variable, definition] as const),
);

test.each(withIndexes)(
  '%s stops at start when %s names no indexes, or another',
  async (_name, variable, definition) => {
    for (const wrong of ['byNothing', 'byNothing=state.S,rank.N']) {
      const fault = await faultOf(definition.handlerFile, { ...definition.environment, [variable]: wrong });
      expect(fault).toBeInstanceOf(ConfigurationError);
      expect(String(fault)).toContain(variable);
    }
  },
);
