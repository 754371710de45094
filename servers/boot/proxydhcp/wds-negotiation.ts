import { firmwareOf } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import {
  WDS_NEXT_ACTIONS,
  WDS_PROMPTS,
  wdsBootProgramOption,
  type WdsValues,
} from '../../../harness/protocols/dhcp/wire/wds.ts';
import { textOption } from '../../../harness/protocols/dhcp/wire/options.ts';
import { encodeText } from '../../../harness/packet/text.ts';
import type { Device } from '../../state/device-store.ts';
import type { Option } from '../dhcp/reply.ts';
import type { DhcpRequest } from '../dhcp/request.ts';
import { defined } from '../../service/defined.ts';
import type { ServiceEvent } from '../../service/event-lines.ts';
import type { WdsConfig } from './wds-config.ts';

/** The server's answer to a boot program that asked with option 250. */
export interface WdsReply {
  /** Boot file; absent while the program has to wait or to go elsewhere. */
  readonly file?: string | undefined;
  /** Options 250 and 252. */
  readonly options: readonly Option[];
  readonly event: ServiceEvent;
}

/**
 * Answer to option 250 by architecture, device, and prompt policy (harness/docs/protocols.md 1.6); a text when there is
 * no answer, and why. Pure.
 */
export function negotiate(
  asked: WdsValues,
  request: Pick<DhcpRequest, 'architecture'>,
  device: Device | undefined,
  config: WdsConfig,
): WdsReply | string {
  const version: WdsValues =
    asked.versionQuery === true && config.serverVersion !== undefined ? { serverVersion: config.serverVersion } : {};
  if (device?.status === 'rejected') {
    const file = programFor(asked, request, config, 'abort');
    return reply(
      { ...version, nextAction: WDS_NEXT_ACTIONS.abort, ...told(device, '') },
      config,
      { event: 'rejected', ...named(device) },
      file,
    );
  }
  if (waits(device, config)) {
    const { pollIntervalMs, retries, message } = config.approval;
    const pollInterval = Math.min(0xffff, Math.round(pollIntervalMs / config.pollIntervalUnitMs));
    return reply(
      {
        ...version,
        nextAction: WDS_NEXT_ACTIONS.approval,
        pollInterval,
        pollRetryCount: retries,
        ...told(device, message),
      },
      config,
      { event: 'pending', ...named(device), polls: device?.polls ?? 0 },
    );
  }
  if (config.referral !== undefined) {
    return reply({ ...version, nextAction: WDS_NEXT_ACTIONS.referral, referralServer: config.referral }, config, {
      event: 'referral',
      server: config.referral,
    });
  }
  const prompt = asked.pxePromptDone === undefined ? config.prompt : 'no-prompt';
  const file = programFor(asked, request, config, prompt === 'opt-in' ? 'prompted' : 'unprompted');
  if (file === undefined)
    return `no boot program for architecture ${asked.architecture ?? request.architecture ?? 'unknown'}`;
  const approved: WdsValues = device?.status === 'approved' ? { actionDone: 1, ...told(device, '') } : {};
  return reply(
    { ...version, ...approved, pxeClientPrompt: WDS_PROMPTS[prompt] },
    config,
    { event: 'boot-program', ...named(device), bootfile: file, prompt },
    file,
  );
}

/** Whether a device has to wait for an administrator. */
function waits(device: Device | undefined, config: Pick<WdsConfig, 'unknown' | 'state'>): boolean {
  return (
    config.state !== undefined && (device === undefined ? config.unknown === 'pending' : device.status === 'pending')
  );
}

function reply(values: WdsValues, config: WdsConfig, event: ServiceEvent, file?: string): WdsReply {
  const boots = file !== undefined && values.nextAction === undefined;
  return {
    file,
    options: [
      wdsBootProgramOption(values, config.byteOrder),
      ...(boots && config.bcd !== undefined ? [textOption(252, config.bcd)] : []),
    ],
    event,
  };
}

function programFor(
  asked: WdsValues,
  request: Pick<DhcpRequest, 'architecture'>,
  config: WdsConfig,
  kind: 'prompted' | 'unprompted' | 'abort',
): string | undefined {
  // Option 93 is the firmware's, option 250 the processor's: a BIOS on an x64 processor boots from the x64 folder.
  const folder = config.folders[String(asked.architecture ?? request.architecture ?? 0)];
  if (folder === undefined) return undefined;
  const isBios = firmwareOf(request.architecture ?? 0) === 'bios';
  return `${folder}\\${kind === 'abort' || isBios ? config.programs[kind] : config.programs.uefi}`;
}

/** Text for the device's user: the number to give to the administrator, and the administrator's message. */
function told(device: Device | undefined, message: string): WdsValues {
  return defined({ requestId: device?.requestId, message: clipped(device?.message ?? message) || undefined });
}

/** A sub-option has room for 255 bytes, its NUL among them. */
function clipped(text: string): string {
  let end = text.length;
  while (encodeText(text.slice(0, end)).length > 254) end--;
  return text.slice(0, end);
}

const named = (device: Device | undefined): { device: string | undefined; requestId: number | undefined } => ({
  device: device?.name ?? device?.key,
  requestId: device?.requestId,
});
