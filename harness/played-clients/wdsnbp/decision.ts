import { WDS_NEXT_ACTIONS, WDS_PROMPTS } from '../../protocols/dhcp/wire/wds.ts';
import type { Answer } from './messages.ts';
import type { WdsnbpSettings } from './settings.ts';

/** How far the boot program's conversation has come. */
export interface Progress {
  /** Answers so far that said "wait for approval". */
  readonly pendingAnswers: number;
  readonly waitedMs: number;
  readonly referrals: number;
  /** The prompt that the user has answered. */
  readonly promptDone: number | undefined;
}

/** What the boot program does next. */
export type NextStep =
  | {
      readonly do: 'poll';
      readonly afterMs: number;
      readonly requestId: number | undefined;
      readonly message: string | undefined;
    }
  | { readonly do: 'answer-prompt'; readonly prompt: number }
  | { readonly do: 'ask'; readonly server: string }
  | { readonly do: 'load'; readonly path: string; readonly server: string }
  | { readonly do: 'end'; readonly why: string };

/** Servers that refer a client to one another must not keep it forever. */
const MAX_REFERRALS = 3;
const DEFAULT_POLL_INTERVAL = 10;

/**
 * What wdsnbp does about an answer (harness/docs/protocols.md 1.6; how often and how long it polls is the server's to
 * say). Pure.
 */
export function nextStep(answer: Answer, progress: Progress, settings: WdsnbpSettings): NextStep {
  const wds = answer.wds ?? {};
  if (wds.nextAction === WDS_NEXT_ACTIONS.abort)
    return answer.bootfile === '' ? end('the administrator rejected this computer') : load(answer);
  if (wds.nextAction === WDS_NEXT_ACTIONS.referral) {
    if (wds.referralServer === undefined) return end('the server refers to another one and does not say which');
    return progress.referrals >= MAX_REFERRALS
      ? end(`servers referred to one another ${progress.referrals} times`)
      : { do: 'ask', server: wds.referralServer };
  }
  if (wds.nextAction === WDS_NEXT_ACTIONS.approval && wds.actionDone !== 1) {
    const afterMs = (wds.pollInterval ?? DEFAULT_POLL_INTERVAL) * settings.pollIntervalUnitMs;
    if (progress.pendingAnswers > (wds.pollRetryCount ?? Infinity))
      return end(
        `no decision after ${progress.pendingAnswers} questions: the server granted ${wds.pollRetryCount ?? 0} tries`,
      );
    if (progress.waitedMs + afterMs > settings.pollsForMs) return end(`no decision within ${settings.pollsForMs} ms`);
    return { do: 'poll', afterMs, requestId: wds.requestId, message: wds.message };
  }
  if (answer.bootfile === '') return end('the server named no boot program');
  const prompt = wds.pxeClientPrompt;
  if (prompt === undefined || prompt === WDS_PROMPTS['no-prompt'] || progress.promptDone === prompt)
    return load(answer);
  const boots = prompt === WDS_PROMPTS['opt-in'] ? settings.presses === 'f12' : settings.presses !== 'esc';
  return boots
    ? { do: 'answer-prompt', prompt }
    : end(prompt === WDS_PROMPTS['opt-in'] ? 'the user did not press F12' : 'the user pressed ESC');
}

const end = (why: string): NextStep => ({ do: 'end', why });
const load = (answer: Answer): NextStep => ({ do: 'load', path: answer.bootfile, server: answer.nextServer });
