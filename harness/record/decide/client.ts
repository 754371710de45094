import { TRANSPORTS, transportsOf, type Firmware, type Transport } from '#qemu-wrapper/nic-models';
import {
  ARCHITECTURES,
  architectureName,
  architectureWord,
  firmwareOf,
} from '../../protocols/dhcp/wire/architectures.ts';
import type { CauseName } from '../../protocols/words.ts';
import { framesText, seen, told, type Commented, type CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Question } from '../facts/dhcp.ts';
import type { Decision } from './decision.ts';
import { firstQuestion } from './first-question.ts';
import { nicOf } from './nic.ts';
import { firmwareLoading } from './served-bundle.ts';

/** What of the client's other services it depends on. */
export interface ClientSetting {
  /** The lab has the real content of the client's first boot file. */
  readonly goesOn: boolean;
  /** `agent` of a VM: the lab's own boot image, which can log on and install. */
  readonly agent: CommentedMap | undefined;
  /** `deploys-as` of a played client. */
  readonly deploysAs: CommentedMap | undefined;
  readonly disk: Commented | undefined;
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
    ? { ...identity, ...machineKeys(decision, mac, setting) }
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

function machineKeys(decision: Decision, mac: string, { agent, disk }: ClientSetting): CommentedMap {
  const { facts, open, failure } = decision;
  const question = firstQuestion(facts);
  const architecture = question?.architecture;
  if (architecture !== undefined && !EMULATED.has(architecture))
    open(
      `clients: frame ${question?.frame ?? 0} says ${architectureName(architecture)}; a VM of the lab is a PC with BIOS or x64 UEFI, or an Arm computer with UEFI`,
    );
  if (architecture === ARCHITECTURES.bios && question?.userClass !== 'iPXE')
    open(
      `clients: the ROM of frame ${question?.frame ?? 0} is not iPXE, the lab's is: it says so (option 77), and asks for TFTP options of its own`,
    );
  return {
    firmware: firmwareKey(decision),
    nic: nicOf(mac, facts.dhcp.questions),
    ...transportKey(decision),
    memory: told(securely(facts) === undefined ? '512MiB' : '1GiB', 'no capture shows it'),
    ...(disk === undefined ? {} : { disk }),
    ...(failure?.cause === 'clock-skew'
      ? { 'clock-offset': told('-1h', 'Kerberos allows five minutes; no frame shows how wrong the clock was') }
      : {}),
    ...(agent === undefined ? {} : { agent }),
  };
}

/**
 * `transport`: what the firmware asks for first, where that is not PXE over IPv4. Without a key it tries all of them, in the
 * order of its network entries.
 */
function transportKey({ facts, open }: Decision): CommentedMap {
  const question = firstQuestion(facts);
  const [file] = facts.files.files;
  const ip = question?.ip ?? (file?.server.includes(':') === true ? 6 : 4);
  const http = question?.http ?? false;
  if (ip === 4 && !http) return {};
  const frame = question?.frame ?? file?.frame ?? 0;
  const transport: Transport = http ? `http-ipv${ip}` : 'pxe-ipv6';
  const firmware = question?.architecture === undefined ? 'uefi' : vmFirmware(question.architecture);
  if (transportsOf(firmware).includes(transport))
    return { transport: seen(transport, frame, 'what the client asks for first') };
  open(
    `clients: frame ${frame} asks first for ${TRANSPORTS[transport].what} (${transport}), which firmware ${firmware} of a VM does not`,
  );
  return {};
}

/** What the client says that it is, or what it must be to do what the capture shows. */
function firmwareKey({ facts, failure, open }: Decision): Commented {
  const question = firstQuestion(facts);
  if (question?.architecture === undefined) return assumedFirmware(facts);
  const { architecture, frame } = question;
  const firmware = vmFirmware(architecture);
  const says = `option ${question.ip === 6 ? 61 : 93} says ${architectureName(architecture)}`;
  const secure = securely(facts);
  if (secure !== undefined)
    return seen(SECURE, [frame, secure.frame], `${says}; it loads what a lab has for Secure Boot`);
  if (failure?.cause !== NOT_STARTED) return seen(firmware, frame, says);
  if (failure.detail?.['signed'] === false && firmware === 'uefi')
    return seen(
      'uefi-secure-boot',
      [frame, ...failure.frames],
      `${says}; its boot program came whole, carries no signature and did not start, as under Secure Boot`,
    );
  open(
    `clients: the boot program came whole and did not start (${framesText(failure.frames)}), and no frame shows why: a VM may start it`,
  );
  return seen(firmware, frame, says);
}
/** Secure Boot itself is not on the wire: what a lab's client loads for it. */
const securely = ({ files: { files } }: Decision['facts']) =>
  files.find(({ path }) => firmwareLoading(path) === SECURE);
const SECURE: Firmware = 'uefi-secure-boot';
const NOT_STARTED: CauseName = 'boot-program-not-started';

/** Of a client whose DHCP is not in the capture: UEFI loads programs that end in .efi. */
function assumedFirmware({ files: { files } }: Decision['facts']): Commented {
  const program = files.find(({ path }) => /\.efi$/i.test(path));
  return program === undefined
    ? told('bios', 'no frame says its architecture (option 93)')
    : seen('uefi', program.frame, 'asks for a program of UEFI');
}

/** Architectures of the lab's VMs; 9 is what some firmware says instead of 7. */
const EMULATED: ReadonlySet<number> = new Set([
  ARCHITECTURES.bios,
  ARCHITECTURES['uefi-x64'],
  9,
  ARCHITECTURES['uefi-x64-http'],
  ARCHITECTURES['uefi-arm64'],
  ARCHITECTURES['uefi-arm64-http'],
]);

/** A PC's firmware, or that of an Arm computer. */
const vmFirmware = (architecture: number): Firmware =>
  architectureWord(architecture)?.startsWith('uefi-arm64') === true ? 'uefi-arm64' : firmwareOf(architecture);
