import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { wordsOf } from '../../protocols/words.ts';
import { FILE_SERVICES, groupsOf } from '../defaults.ts';
import { imageChoice } from '../image-choice.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { servedFiles, storedFiles, wantsAbsence } from './served-files.ts';
import { storiesOf } from '../stories.ts';
import { comparable, missingFrom, type Tree } from '../tree.ts';

type Steps = NonNullable<Scenario['steps']>;

/** Names of files that stand in a scenario, against what its servers have. */
export async function checkPaths(scenario: Scenario): Promise<Problem[]> {
  return [
    ...(await checkLeftOut(scenario)),
    ...(await checkGroups(scenario)),
    ...(await checkDamage(scenario)),
    ...(await checkSteps(scenario)),
  ];
}

/** A name to look up, and where it stands. */
interface Named {
  readonly path: ScenarioPath;
  readonly name: string;
  /** Set where the name is a key of the map at `path`. */
  readonly key?: string;
}

async function lacks(tree: Tree, named: readonly Named[], what: string, where: string, hint = ''): Promise<Problem[]> {
  const found = await Promise.all(
    named.map(async (one) => ((await tree.has(one.name)) ? [] : [missingFrom(tree, { ...one, what, where, hint })])),
  );
  return found.flat();
}

/** Files that a service is told to leave out, or to say that it lacks: nothing reads a name that it never had. */
async function checkLeftOut(scenario: Scenario): Promise<Problem[]> {
  const served = servedFiles(scenario);
  if (served === undefined) return [];
  const { misbehave } = scenario.services.tftp ?? {};
  const lists: readonly (readonly [ScenarioPath, readonly string[] | undefined])[] = [
    ...FILE_SERVICES.map((kind) => [['services', kind, 'without'], scenario.services[kind]?.without] as const),
    ...(['missing', 'denied'] as const).map(
      (key) => [['services', 'tftp', 'misbehave', key], misbehave?.[key]] as const,
    ),
  ];
  const named = lists.flatMap(([path, names = []]) => names.map((name, index) => ({ path: [...path, index], name })));
  return lacks(served.whole, named, 'file', served.where);
}

/** Images of the bundled store that no bundle has. A folder of the user's is looked at with the other local files. */
async function checkGroups(scenario: Scenario): Promise<Problem[]> {
  const store = storedFiles(scenario);
  const { images } = scenario.services;
  if (store === undefined || images?.groups === undefined || images.root !== undefined) return [];
  if (storiesOf(scenario).some(({ failure }) => wantsAbsence(failure))) return [];
  const named = groupsOf(scenario).flatMap(([group, names]) =>
    names.map((name, index) => ({
      path: ['services', 'images', 'groups', group, index],
      name: `Images\\${group}\\${name}`,
    })),
  );
  return lacks(store, named, 'image', 'the image store', '; images of your own stand in services.images.files');
}

async function checkDamage(scenario: Scenario): Promise<Problem[]> {
  const store = storedFiles(scenario);
  if (store === undefined) return [];
  const names = Object.keys(scenario.services.images?.damage ?? {});
  const path = ['services', 'images', 'damage'];
  return lacks(
    store,
    names.map((name) => ({ path, name, key: name })),
    'file',
    'the image store',
  );
}

async function checkSteps(scenario: Scenario): Promise<Problem[]> {
  const served = servedFiles(scenario);
  const store = storedFiles(scenario);
  const stories = storiesOf(scenario).filter(({ failure }) => !wantsAbsence(failure));
  const checked = await Promise.all(
    stories.map(async ({ path, steps, failure }) => {
      const at = [...path, 'steps'];
      const loads = named(steps, at, ['path'], isLoad).filter(
        ({ name, step }) => step !== 'tftp.read-request' || !isProbeName(name),
      );
      const tells = named(steps, at, ['bootfile'], () => true).filter(({ name }) => name !== '' && !isUrl(name));
      const stored = named(steps, at, ['path', 'sharedPath'], isStored).filter(
        ({ name }) => /[\\/]/.test(name) && !isCaptured(scenario, name),
      );
      return [
        ...(served === undefined
          ? []
          : await lacks(
              // A file that is left out is one that a failure may be about.
              failure === undefined ? served.tree : served.whole,
              [...loads, ...tells],
              'file',
              served.where,
            )),
        ...(store === undefined ? [] : await lacks(store, stored, 'file', 'the image store')),
      ];
    }),
  );
  return checked.flat();
}

/** Details of some steps that are exact names, with their places. */
function named(
  steps: Steps,
  at: ScenarioPath,
  keys: readonly string[],
  wanted: (step: Steps[number]) => boolean,
): (Named & { readonly step: string })[] {
  return steps.flatMap((step, index) =>
    wanted(step)
      ? keys.flatMap((key) => {
          const name = step.with[key];
          return typeof name === 'string' ? [{ path: [...at, index, step.step, key], name, step: step.step }] : [];
        })
      : [],
  );
}

/** Whether a step loads the file that it names, from a boot file service. */
function isLoad({ step }: Steps[number]): boolean {
  return roomOfStep(step)?.boot?.speaker === 'loader' && /^(tftp|http)\./.test(step) && !refuses(step);
}

/** Whether a step reads the file that it names from the share. */
function isStored({ step, with: details }: Steps[number]): boolean {
  if (wordsOf(step)?.creates || refuses(step)) return false;
  const status = details['status'];
  if (status !== undefined && status !== 'STATUS_SUCCESS') return false;
  const path = details['path'];
  return step.startsWith('image.') || (/^smb\.(open|read|close)$/.test(step) && typeof path === 'string');
}

/** A step that says that something is wrong with a file may name one that is not there. */
const refuses = (step: string): boolean => wordsOf(step)?.only !== undefined;

const isUrl = (name: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(name);

/** Whether a client of the scenario captures that image, or writes it under its preliminary name. */
function isCaptured({ clients }: Scenario, name: string): boolean {
  const wanted = comparable(name).replace(/\.partial$/, '');
  return clients.some(
    ({ agent }) => agent?.mode === 'capture' && comparable(imageChoice(agent.image ?? '').file) === wanted,
  );
}
