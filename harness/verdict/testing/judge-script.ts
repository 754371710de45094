import type { ClientResult, Step } from '../../../reports/result.ts';
import type { ProtocolEvent } from '../../protocols/base/observe/seen.ts';
import type { Expectation, Matcher } from '../../plan/plan.ts';
import { CLIENT_MAC, conversation, type Line, START_US } from './event-builders.ts';
import { createEventJudge, type EventJudge } from '../event-judge.ts';
import type { JudgeOptions } from '../judge-types.ts';

type PlanPart = NonNullable<JudgeOptions['plan']>;

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

/** What a judged script came to. */
export interface Judged {
  readonly client: ClientResult;
  readonly settledBeforeEnd: boolean;
  readonly judge: EventJudge;
  /** Steps of a name. */
  readonly named: (step: string) => Step[];
  readonly failed: Step[];
}

/** Judges events; `idleMs` more of capture time pass after the last. */
export function judgeEvents(events: readonly ProtocolEvent[], plan?: PlanPart, idleMs = 0): Judged {
  const clients = plan ? [{ name: 'pc', mac: CLIENT_MAC, firmware: 'bios', nic: 'e1000' }] : [];
  const judge = createEventJudge({ clients, startUs: START_US, ...(plan ? { plan } : {}) });
  for (const event of events) {
    judge.advance(event.atUs);
    judge.event(event);
  }
  if (idleMs > 0) judge.advance((events.at(-1)?.atUs ?? START_US) + idleMs * 1000);
  const settledBeforeEnd = judge.settled;
  const [client] = judge.finish();
  if (!client) throw new Error('expected the result of one client, got none');
  return {
    client,
    settledBeforeEnd,
    judge,
    named: (name) => client.steps.filter(({ step }) => step === name),
    failed: client.steps.filter(({ verdict }) => verdict === 'failed'),
  };
}

/** Judges a script. */
export function judgeScript(lines: readonly Line[], plan?: PlanPart, idleMs = 0): Judged {
  return judgeEvents(conversation(lines), plan, idleMs);
}
