import { TRANSPORTS, transportsOf, type Firmware, type Transport } from '#qemu-wrapper/nic-models';
import {
  ARCHITECTURES,
  architectureName,
  architectureWord,
  firmwareOf,
} from '../../protocols/dhcp/wire/architectures.ts';
import type { CauseName } from '../../protocols/words.ts';
import { framesText, seen, told, type Commented, type CommentedMap } from '../commented.ts';
import type { Decision } from './decision.ts';
import { firstQuestion } from './first-question.ts';
import { nicOf } from './nic.ts';
import { firmwareLoading } from './served-bundle.ts';

/** What of the client's other services its VM depends on. */
export interface VmSetting {
  /** The lab's own boot image, which can log on and install. */
  readonly agent: CommentedMap | undefined;
  readonly disk: Commented | undefined;
}

/** What the recorded client's VM is made of. */
export function vmKeys(decision: Decision, mac: string, { agent, disk }: VmSetting): CommentedMap {
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
      SECURE,
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
