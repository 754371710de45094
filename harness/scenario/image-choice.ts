import type { ScenarioContent } from './schema/scenario.ts';

/** An image as a scenario names it: by its file, or by its file and its place or name in there. */
export type ImageChoice = NonNullable<NonNullable<ScenarioContent['clients'][number]['agent']>['image']>;

/** The parts of an image's name. */
export function imageChoice(choice: ImageChoice): {
  readonly file: string;
  readonly index?: number | undefined;
  readonly name?: string | undefined;
} {
  return typeof choice === 'string' ? { file: choice } : choice;
}
