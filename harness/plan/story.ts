import { defined } from '../../servers/service/defined.ts';
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

/** What is checked after the network boot. */
export function planAfter(after: NonNullable<Scenario['after']>): AfterPlan {
  const compared = after['compare-disk-with'];
  return {
    ...defined({ bootFrom: after['boot-from'] }),
    ...(compared === undefined
      ? {}
      : {
          compareDiskWith:
            typeof compared === 'string'
              ? { image: compared }
              : { client: compared.client, changed: compared.changed ?? [] },
        }),
    ...(after.joined === true ? { joined: true } : {}),
    ...defined({ files: after.files }),
  };
}
