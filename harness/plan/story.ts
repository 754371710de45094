import { defined } from '../../servers/service/defined.ts';
import { IGNORED_PATHS, KEYTAB } from '../../vm-images/comparison/ignored-paths.ts';
import { imageChoice, type ImageChoice } from '../scenario/image-choice.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { AfterPlan, Expectation, StoryPlan } from './plan.ts';

/** What must happen, from a scenario's keys or a client's; `places` say where each step stands. */
export function planStory(
  { steps = [], 'expect-failure': failure }: Pick<Scenario, 'steps' | 'expect-failure'>,
  places: readonly string[],
  file: string,
): StoryPlan {
  return {
    expectations: steps.map((step, index): Expectation => ({ ...step, source: places[index] ?? file })),
    ...(failure === undefined ? {} : { expectFailure: { step: failure.step, ...defined({ cause: failure.cause }) } }),
  };
}

/**
 * What is checked after the network boot of clients that install `installed`, when they are told which image: a
 * comparison with the same file means the same image, unless it says otherwise. `joins`: one of them joins a domain.
 */
export function planAfter(
  after: NonNullable<Scenario['after']>,
  { installed, joins }: { readonly installed: ImageChoice | undefined; readonly joins: boolean },
): AfterPlan {
  const compared = after['compare-disk-with'];
  return {
    ...defined({
      bootFrom: after['boot-from'],
      nextStart: after['next-start'],
      restoredFrom: after['restored-from'],
    }),
    ...(compared === undefined
      ? {}
      : {
          compareDiskWith:
            typeof compared === 'object' && 'client' in compared
              ? { client: compared.client, changed: compared.changed ?? [] }
              : comparedImage(compared, installed),
          ignore: [...IGNORED_PATHS.map(({ pattern }) => pattern), ...(joins ? [KEYTAB] : []), ...(after.ignore ?? [])],
        }),
    ...(after.joined === true ? { joined: true } : {}),
    ...defined({ files: after.files }),
  };
}

function comparedImage(
  compared: ImageChoice,
  installed: ImageChoice | undefined,
): NonNullable<AfterPlan['compareDiskWith']> {
  const own = imageChoice(compared);
  const other = installed === undefined ? own : imageChoice(installed);
  const isSameFile = other.file.toLowerCase() === own.file.toLowerCase();
  const { index, name } = isSameFile && own.index === undefined && own.name === undefined ? other : own;
  return { image: own.file, ...defined({ index, name }) };
}
