import type { Option250Form } from '../../base/judge/boot-facts.ts';
import type { DetailOf } from '../../base/judge/vocabulary.ts';
import type { DHCP } from './vocabulary.ts';
import type { DhcpMessage } from '../wire/message.ts';
import { WDS_NEXT_ACTIONS, WDS_PROMPTS, wdsValues, type WdsValues } from '../wire/wds.ts';
import { optionText } from '../wire/options.ts';
import { architecture } from './facts.ts';

type AckDetail = DetailOf<(typeof DHCP.steps)['proxydhcp.ack']>;
type RequestDetail = DetailOf<(typeof DHCP.steps)['proxydhcp.request']>;

/** Option 250 of a message, or nothing. */
export const wdsOf = (message: DhcpMessage, form: Option250Form): WdsValues => wdsValues(message, form.byteOrder) ?? {};

/** Whether a message is part of a conversation with wdsnbp. */
export function isOfBootProgram(message: DhcpMessage): boolean {
  return message.options.some(({ code }) => code === 250);
}

/** What a ROM says of itself (option 93), or the boot program that knows the processor better (option 250). */
export function askedDetail(
  message: DhcpMessage,
  form: Option250Form,
): Pick<RequestDetail, 'architecture' | 'promptDone'> {
  const { pxePromptDone, architecture: processor } = wdsOf(message, form);
  return {
    architecture: processor ?? architecture(message),
    promptDone: pxePromptDone === undefined ? undefined : nameOf(WDS_PROMPTS, pxePromptDone),
  };
}

/** A server's instructions to a boot program, by option 250 and by the path of option 252. */
export function answeredDetail(message: DhcpMessage, form: Option250Form): AckDetail {
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
