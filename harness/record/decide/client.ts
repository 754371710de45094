import {
  ARCHITECTURES,
  architectureName,
  architectureWord,
  firmwareOf,
} from '../../protocols/dhcp/wire/architectures.ts';
import { seen, told, type CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Question } from '../facts/dhcp.ts';
import type { Decision } from './decision.ts';
import { firstQuestion } from './first-question.ts';
import { vmKeys, type VmSetting } from './vm.ts';

/** What of the client's other services it depends on. */
export interface ClientSetting extends VmSetting {
  /** The lab has the real content of the client's first boot file. */
  readonly goesOn: boolean;
  /** `deploys-as` of a played client. */
  readonly deploysAs: CommentedMap | undefined;
}

/**
 * Why a program must play the client: it negotiates as Microsoft's boot program does, or it is firmware that no VM has, and
 * goes no further than its first file. Undefined for a client that a VM can be.
 */
function whyPlayed({ facts }: Decision, goesOn: boolean): string | undefined {
  const negotiated = facts.dhcp.questions.find(({ wds }) => wds);
  if (negotiated !== undefined)
    return `frame ${negotiated.frame} negotiates as wdsnbp.com does (option 250), which nobody but Microsoft may pass on`;
  return goesOn ? undefined : foreignFirmware(facts);
}

/** Whether a program must play the client. */
export const isPlayed = (decision: Decision, goesOn: boolean): boolean => whyPlayed(decision, goesOn) !== undefined;

/** What shows that the client's firmware is none of a VM's; undefined where nothing does. */
function foreignFirmware(facts: CaptureFacts): string | undefined {
  const question = firstQuestion(facts);
  if (question?.architecture === undefined || question.userClass === 'iPXE') return undefined;
  if (firmwareOf(question.architecture) === 'bios')
    return 'a ROM that is not iPXE: no VM has one, so a program asks as it does';
  const bare = bareRequest(facts, question.architecture);
  return (
    bare &&
    `frame ${bare.frame} takes an address with which nobody names a boot file; the firmware of a VM, EDK2, takes none, so a program asks as this client does`
  );
}

/** A request of UEFI's PXE for an address, though no answer speaks of booting. */
function bareRequest({ dhcp }: CaptureFacts, architecture: number): Question | undefined {
  const isPlayable = architecture !== ARCHITECTURES['uefi-x64-http'] && architectureWord(architecture) !== undefined;
  const speaksOfBooting = [...dhcp.servers.values()].some(
    ({ files, vendorClass }) => files.length > 0 || vendorClass !== undefined,
  );
  return !isPlayable || speaksOfBooting || dhcp.bootServers.size > 0
    ? undefined
    : dhcp.questions.find(({ type, boots }) => type === 'dhcp.request' && boots);
}

/** The scenario's client. */
export function clientOf(decision: Decision, mac: string, setting: ClientSetting): CommentedMap {
  const { facts, name } = decision;
  const question = firstQuestion(facts);
  const identity = {
    name,
    mac: question === undefined ? told(mac, 'the only address that the capture shows') : seen(mac, question.frame),
    ...(question?.machineId === undefined ? {} : { uuid: seen(question.machineId, question.frame, 'option 97') }),
  };
  const why = whyPlayed(decision, setting.goesOn);
  return why === undefined
    ? { ...identity, ...vmKeys(decision, mac, setting) }
    : { ...identity, ...playedKeys(decision, setting, why) };
}

function playedKeys({ facts, open, failure }: Decision, { deploysAs }: ClientSetting, why: string): CommentedMap {
  const question = firstQuestion(facts);
  const word = architectureWord(question?.architecture);
  if (question?.architecture !== undefined && word === undefined)
    open(`clients: no played client says ${architectureName(question.architecture)} (frame ${question.frame})`);
  return {
    plays: told('wdsnbp', why),
    ...(word === undefined || word === 'bios' || question === undefined
      ? {}
      : { architecture: seen(word, question.frame, 'option 93') }),
    ...pressesKey(facts),
    ...(failure?.cause === 'device-pending' ? { 'polls-for': '10s' } : {}),
    ...(deploysAs === undefined ? {} : { 'deploys-as': deploysAs }),
  };
}

/** What the user did at the prompt: nothing that the capture shows, where the client then stays silent. */
function pressesKey({ dhcp, files }: Decision['facts']): CommentedMap {
  const prompts = [...dhcp.bootServers.values()].flatMap(({ wds }) =>
    wds.filter(({ value }) => value.pxeClientPrompt === OPT_IN || value.pxeClientPrompt === OPT_OUT),
  );
  const prompt = prompts[0];
  if (prompt === undefined) return {};
  const later = [...dhcp.questions, ...files.files].some(({ frame }) => frame > prompt.frame);
  if (later) return {};
  return {
    presses: told(prompt.value.pxeClientPrompt === OPT_IN ? 'nothing' : 'esc', `nothing follows frame ${prompt.frame}`),
  };
}
const OPT_IN = 1;
const OPT_OUT = 3;
