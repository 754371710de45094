import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { programFile } from '../../servers/service/program-file.ts';

/** What a scenario module imports: this pxewright, wherever it is installed, and not another that lies nearer. */
const OURS: Readonly<Record<string, string>> = {
  pxewright: pathToFileURL(programFile(import.meta.filename, 'define-scenario')).href,
};

const modules = new Set<string>();
let hooked = false;

/**
 * Imports a scenario module. It is an ES module whatever the package.json around it says, for `npm init` writes
 * `"type": "commonjs"`.
 */
export async function importScenario(file: string): Promise<{ readonly default?: unknown }> {
  const url = pathToFileURL(file).href;
  modules.add(url);
  if (!hooked) {
    hooked = true;
    registerHooks({
      resolve: (specifier, context, next) => {
        const ours = OURS[specifier];
        if (ours !== undefined && modules.has(context.parentURL ?? '')) return { url: ours, shortCircuit: true };
        return next(specifier, context);
      },
      load: (loaded, context, next) =>
        next(
          loaded,
          modules.has(loaded)
            ? { ...context, format: /\.[mc]?ts$/.test(loaded) ? 'module-typescript' : 'module' }
            : context,
        ),
    });
  }
  return (await import(url)) as { default?: unknown };
}
