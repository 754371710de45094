import { bootFilePath } from '../../protocols/base/judge/boot-target.ts';
import { comparablePath } from '../../protocols/base/judge/path-names.ts';
import { isPossibleCause, possibleCauses } from '../../protocols/possible-causes.ts';
import { wordsOf } from '../../protocols/words.ts';
import { bootFilesOf } from '../defaults.ts';
import { suggest } from '../parsing/suggest.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { hasOwnSteps } from '../client-order.ts';
import { storiesOf, type Story } from '../stories.ts';
import { namedBootFiles } from './named-boot-files.ts';

// Steps and failures that can never happen, by what the rooms declare of them.

type Step = Story['steps'][number];

/** The end of a boot: nothing is judged after it. */
const END = 'boot.complete';

/** Expected steps and failures that no client goes through, or that no boot has. */
export function checkSteps(content: ScenarioContent): Problem[] {
  return [
    ...checkReplaced(content),
    ...storiesOf(content).flatMap((story) => [
      ...checkEnd(story),
      ...checkKinds(story),
      ...checkRefusals(content, story),
      ...checkFailure(content, story),
    ]),
  ];
}

/** The scenario's own steps, where every client has a story of its own. */
function checkReplaced(content: ScenarioContent): Problem[] {
  if (content.clients.some((client) => !hasOwnSteps(client))) return [];
  return (['steps', 'expect-failure'] as const)
    .filter((key) => content[key] !== undefined)
    .map((key) => ({
      path: [key],
      expected: `a client that goes through the scenario's ${key}`,
      got: 'only clients with steps or an expected failure of their own, which replace it',
    }));
}

function checkEnd({ steps, path }: Story): Problem[] {
  const end = steps.findIndex(({ step }) => step === END);
  if (end < 0) return [];
  return steps.slice(end + 1).map(({ step }, index) => ({
    path: [...path, 'steps', end + 1 + index],
    expected: `${END} as the last step, since the boot ends with it`,
    got: `${step} after it`,
  }));
}

/** Steps that never pass, and that no scenario may expect as harmless. */
function checkKinds({ steps, path }: Story): Problem[] {
  return steps.flatMap(({ step }, index): Problem[] => {
    const words = wordsOf(step);
    if (words?.only === undefined || words.expectable) return [];
    const expected =
      words.only === 'failed'
        ? `a step that can pass: this one only fails (expect-failure: { step: ${step} } expects that)`
        : 'a step that can pass: this one is only recorded';
    return [{ path: [...path, 'steps', index], expected, got: step }];
  });
}

/** Refusals of files that the boot needs: those fail, and only refusals of other files are recorded. */
function checkRefusals(content: ScenarioContent, { steps, path, failure }: Story): Problem[] {
  if (failure !== undefined) return [];
  const told = toldFiles(content);
  return steps.flatMap((step, index): Problem[] => {
    const file = refused(step);
    if (file === undefined) return [];
    const needed = steps.some((other) => refused(other) === undefined && pathOf(other) === file);
    if (!told.has(file) && !needed) return [];
    return [
      {
        path: [...path, 'steps', index],
        expected: `${step.step} of a file that the boot does not need, or expect-failure: { step: ${step.step} }`,
        got: `${step.step} of ${needed ? 'a file that another step expects' : 'a boot file'}, which can only fail`,
      },
    ];
  });
}

const pathOf = ({ with: details }: Step): string | undefined =>
  typeof details['path'] === 'string' ? comparablePath(details['path']) : undefined;

/** The file that a step says was refused; undefined for another step, or one that names no file. */
function refused(step: Step): string | undefined {
  return /^(tftp|http)\.error$/.test(step.step) ? pathOf(step) : undefined;
}

/** Boot files that the scenario's servers name to clients: those of the scenario, and those of a bundle without any. */
function toldFiles(content: ScenarioContent): ReadonlySet<string> {
  const { pxe, 'second-pxe': second } = content.services;
  const ofBundle = [pxe, second].flatMap((one) => (one === undefined ? [] : Object.values(bootFilesOf(content, one))));
  const names = [...namedBootFiles(content).map(({ name }) => name), ...ofBundle];
  return new Set(names.map((name) => comparablePath(bootFilePath(name))));
}

function checkFailure(content: ScenarioContent, { failure, path, steps }: Story): Problem[] {
  if (failure === undefined) return [];
  const at: ScenarioPath = [...path, 'expect-failure'];
  const { step, cause } = failure;
  if (wordsOf(step)?.only === 'recorded')
    return [{ path: [...at, 'step'], expected: 'a step that can fail: this one is only recorded', got: step }];
  if (step === END && !steps.some((one) => one.step === END))
    return [{ path: [...at, 'step'], expected: `${END} among the steps, so that it can be missed`, got: step }];
  const unset = cause === undefined ? undefined : unsetKey(content, cause);
  if (unset !== undefined)
    return [{ path: [...at, 'cause'], expected: `${unset}, without which nothing fails so`, got: cause ?? '' }];
  if (cause === undefined || isPossibleCause(step, cause)) return [];
  const known = possibleCauses(step);
  const meant = suggest(cause, known);
  return [
    {
      path: [...at, 'cause'],
      expected: `a cause that ${step} can have`,
      got: JSON.stringify(cause),
      known,
      says: `${step} never fails with cause ${JSON.stringify(cause)} (causes that it can have: ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`})`,
    },
  ];
}

/** The key of a scenario that alone makes a cause possible, when the scenario lacks it. */
function unsetKey(content: ScenarioContent, cause: string): string | undefined {
  if (cause === 'unexpected-step' && content.strict !== true) return 'strict: true';
  return cause === 'budget-exceeded' && Object.keys(content.budgets ?? {}).length === 0 ? 'budgets' : undefined;
}
