import type { DhcpMessage } from '../wire/message.ts';
import { WDS_NEXT_ACTIONS, WDS_PROMPTS, wdsValues, type WdsByteOrder, type WdsValues } from '../wire/wds.ts';
import { optionText } from '../wire/options.ts';
import { architecture } from './facts.ts';

/** How option 250 is to be read: no document says it (harness/docs/protocols.md 1.6), so the scenario may. */
export interface Option250Form {
  readonly byteOrder: WdsByteOrder;
  readonly intervalUnitMs: number;
}

/** What the open WDS-like server Namiono writes, and what wdsnbp's screen suggests. */
export const USUAL_FORM: Option250Form = { byteOrder: 'big-endian', intervalUnitMs: 1000 };

type Words = Readonly<Record<string, string | number | boolean | undefined>>;

/** Option 250 of a message, or nothing. */
export const wdsOf = (message: DhcpMessage, form: Option250Form): WdsValues => wdsValues(message, form.byteOrder) ?? {};

/** Whether a message is part of a conversation with wdsnbp. */
export function isOfBootProgram(message: DhcpMessage): boolean {
  return message.options.some(({ code }) => code === 250);
}

/** What a ROM says of itself (option 93), or the boot program that knows the processor better (option 250). */
export function askedDetail(message: DhcpMessage, form: Option250Form): Words {
  const { pxePromptDone, architecture: processor } = wdsOf(message, form);
  return {
    architecture: processor ?? architecture(message),
    promptDone: pxePromptDone === undefined ? undefined : nameOf(WDS_PROMPTS, pxePromptDone),
  };
}

/** What a server tells a boot program, by option 250 and by the path of option 252. */
export function answeredDetail(message: DhcpMessage, form: Option250Form): Words {
  const {
    nextAction,
    requestId,
    pollInterval,
    pollRetryCount,
    message: words,
    pxeClientPrompt,
    referralServer,
  } = wdsOf(message, form);
  const bcdPath = optionText(message, 252);
  return {
    nextAction: nextAction === undefined ? undefined : nameOf(WDS_NEXT_ACTIONS, nextAction),
    requestId,
    pollIntervalSeconds: pollInterval === undefined ? undefined : (pollInterval * form.intervalUnitMs) / 1000,
    pollRetryCount,
    message: words,
    prompt: pxeClientPrompt === undefined ? undefined : nameOf(WDS_PROMPTS, pxeClientPrompt),
    referralServer,
    bcdPath: typeof bcdPath === 'string' ? bcdPath : undefined,
  };
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? String(value);
}
