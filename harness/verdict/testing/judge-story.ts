import type { ClientResult, Step } from '../../../reports/result.ts';
import { defined } from '../../../servers/service/defined.ts';
import { CLIENT, type Tape } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import type { Expectation, Matcher } from '../../plan/plan.ts';
import { createJudge } from '../judge.ts';
import type { JudgedClient, JudgeOptions } from '../judge-types.ts';
import { START_US } from './boot-story.ts';

/** What a judge needs of a plan. */
export type PlanPart = NonNullable<JudgeOptions['plan']>;

/** The client of the stories, as a scenario knows it. */
export const PC: JudgedClient = { name: 'pc', mac: CLIENT.mac, firmware: 'bios', nic: 'e1000' };

/** An expectation list in a scenario's short form. */
export function expecting(
  ...list: readonly (readonly [step: string, wanted?: Readonly<Record<string, Matcher>>])[]
): Expectation[] {
  return list.map(([step, wanted], index) => ({ step, with: wanted ?? {}, source: `scenario.yaml:${10 + index}:3` }));
}

/** A plan with nothing but what a test needs. */
export function planOf(parts: Partial<PlanPart>): PlanPart {
  return { expectations: [], strict: false, budgets: {}, timeoutMs: 600_000, services: [], ...parts };
}

/** The result of a judged capture. */
export interface Judged {
  readonly client: ClientResult;
  readonly settledBeforeEnd: boolean;
  /** Steps of a name. */
  readonly named: (step: string) => Step[];
  readonly failed: Step[];
}

/** How the capture of a story ends. */
export interface StoryEnd {
  /** Capture time that passes after the last frame. */
  readonly idleMs?: number;
  /** Of this time, the host stood still so long at its beginning. */
  readonly stoodStillMs?: number;
  /** Why the client's VM ended after that time. */
  readonly ended?: string;
  /** It was ended because nothing moved. */
  readonly how?: 'idle';
  /** It is somebody else's capture that just ends. */
  readonly isOpen?: true;
  /** What the scenario says of its client beside who it is. */
  readonly client?: Pick<JudgedClient, 'bootOrder' | 'diskOf' | 'diskImage' | 'memoryMiB' | 'neededMemoryMiB'>;
}

/** A story, a scene, or frames that were changed and begin with a story's power-on. */
interface Told {
  readonly frames: readonly Frame[];
  readonly tape?: Tape;
  /** Where the clock begins, of frames that are no story's. */
  readonly startUs?: number;
}

/**
 * Judges the frames of a story, from the decoder to the verdict. With a plan the client is the scenario's, without one
 * it is learnt.
 */
export function judge(
  told: Told,
  plan?: PlanPart,
  { stoodStillMs = 0, idleMs = 0, ended, how, isOpen, client: more }: StoryEnd = {},
): Judged {
  const { frames } = told;
  const startUs = told.startUs ?? told.tape?.startUs ?? START_US;
  const judging = createJudge({
    linkType: 1,
    clients: plan ? [{ ...PC, ...more }] : [],
    startUs,
    ...defined({ plan, openEnd: isOpen }),
  });
  judging.frames(frames);
  const lastUs = frames.at(-1)?.atUs ?? startUs;
  if (stoodStillMs > 0) judging.stoodStill({ fromUs: lastUs, toUs: lastUs + stoodStillMs * 1000 });
  judging.advance(lastUs + idleMs * 1000);
  if (ended !== undefined) judging.ended({ mac: PC.mac, atUs: lastUs + 1000, reason: ended, ...defined({ how }) });
  const settledBeforeEnd = judging.settled;
  const [client] = judging.finish();
  if (!client) throw new Error('expected the result of one client, got none');
  return {
    client,
    settledBeforeEnd,
    named: (name) => client.steps.filter(({ step }) => step === name),
    failed: client.steps.filter(({ verdict }) => verdict === 'failed'),
  };
}

/** The failed steps of a scene that is judged by its protocols alone, with their causes. */
export function failures(told: Told, idleMs = 0): (string | undefined)[][] {
  return judge(told, undefined, { idleMs }).failed.map(({ step, cause }) => [step, cause]);
}
