import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildResult, Metafile, Plugin, PluginBuild } from 'esbuild';
import { lateFileOf } from './late-file.ts';
import { lateModule } from './late-module.ts';
import { namedImports } from './named-imports.ts';

/**
 * Libraries of which nothing is needed before a function is bound to its home: the AWS SDK, logger and metrics, and the parser of
 * documents. What they import in turn comes with them.
 */
const LATE = /^(@aws-sdk\/|@smithy\/|@aws-lambda-powertools\/|js-yaml$)/;
const NAMESPACE = 'late-library';

/**
 * Puts what a function uses of those libraries into a file of its own beside the bundle, which is loaded when something of it is
 * needed. Node parses each byte of a file that it loads, whether it is run or not, and they are more than half of a bundle. Only
 * libraries go there: our own modules stay in one file, so that a class is one class.
 */
export function lateLibraries(): Plugin {
  return { name: NAMESPACE, setup };
}

function setup(build: PluginBuild): void {
  const { initialOptions: options, onResolve, onLoad, onEnd } = build;
  const { entryPoints, outdir, absWorkingDir: root = process.cwd() } = options;
  const [entryPoint] = Object.values(entryPoints ?? []);
  if (typeof entryPoint !== 'string' || outdir === undefined)
    throw new Error('a bundle has one entry point, and a folder that it goes to');
  const file = lateFileOf(entryPoint);
  options.metafile = true;
  onResolve({ filter: LATE }, ({ importer, path: library }) => {
    if (importer.includes('/node_modules/')) return undefined;
    // One stand-in for each module that imports it, with the very names that this module needs.
    return {
      path: library,
      suffix: `?${importer}`,
      namespace: NAMESPACE,
      sideEffects: false,
      pluginData: importer,
    };
  });
  onResolve({ filter: /^\.\/.*\.late\.cjs$/, namespace: NAMESPACE }, (found) => ({
    path: found.path,
    external: true,
  }));
  onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: library, pluginData: importer }) => {
    const names = namedImports([String(importer)], (specifier) => specifier === library).get(library) ?? [];
    const loading = `require('./${file}').libraries[${JSON.stringify(library)}]`;
    return { contents: lateModule([...names], loading) };
  });
  onEnd(async ({ metafile, errors }) => {
    if (metafile === undefined || errors.length > 0) return undefined;
    const modules = ownModulesIn(metafile).map((one) => path.resolve(root, one));
    const used = namedImports(modules, (specifier) => LATE.test(specifier));
    if (used.size === 0) return undefined;
    const { errors: failures, warnings, outputFiles } = await lateBuild(reExporting(used), build);
    for (const { contents } of outputFiles) await writeFile(path.join(outdir, file), contents);
    return { errors: failures, warnings };
  });
}

/** A build of libraries whose file is not written yet. */
type LateBuild = Promise<BuildResult<{ write: false }>>;

/** By what they hold: most functions of a stack use the same names of the same libraries, which are then bundled once. */
const lateBuilds = new Map<string, LateBuild>();

function lateBuild(contents: string, { initialOptions, esbuild }: PluginBuild): LateBuild {
  const known = lateBuilds.get(contents);
  if (known !== undefined) return known;
  const { outExtension: _extension, outdir: _outdir, plugins: _plugins, ...same } = initialOptions;
  const { absWorkingDir: resolveDir = process.cwd() } = initialOptions;
  const built = esbuild.build({
    ...same,
    entryPoints: [],
    stdin: { contents, resolveDir },
    outfile: 'late.cjs',
    write: false,
  });
  lateBuilds.set(contents, built);
  return built;
}

/** Modules of ours of which something is in the bundle. */
function ownModulesIn({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file)
      .filter((file) => file.endsWith('.ts') && !file.startsWith(`${NAMESPACE}:`)),
  );
}

/** A module that gives those names by library: two libraries may have one name for different things. */
function reExporting(used: ReadonlyMap<string, ReadonlySet<string>>): string {
  const inOrder = [...used].sort(([one], [other]) => (one < other ? -1 : 1));
  const libraries = inOrder.map(([library, names], at) => {
    const aliases = [...names].sort().map((name) => [name, `${name}_${at}`] as const);
    const imported = aliases.map(([name, alias]) => `${name} as ${alias}`).join(', ');
    const given = aliases.map(([name, alias]) => `${name}: ${alias}`).join(', ');
    return {
      loaded: `import { ${imported} } from ${JSON.stringify(library)};`,
      given: `${JSON.stringify(library)}: { ${given} }`,
    };
  });
  const given = libraries.map((one) => one.given).join(', ');
  return [...libraries.map(({ loaded }) => loaded), `export const libraries = { ${given} };`].join('\n');
}
