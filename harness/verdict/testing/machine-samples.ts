import type { MachineEvent } from '../../protocols/base/judge/machine-parts.ts';
import { arpMachine } from '../../protocols/arp/judge/machine.ts';
import { dhcpMachine } from '../../protocols/dhcp/judge/machine.ts';
import { httpMachine } from '../../protocols/http/judge/machine.ts';
import { imageMachine } from '../../protocols/wim/judge/machine.ts';
import type { LoadingInput } from '../../protocols/base/judge/loading.ts';
import { kerberosMachine } from '../../protocols/kerberos/judge/machine.ts';
import type { Sighting } from '../../protocols/base/judge/step.ts';
import { USUAL_FORM } from '../../protocols/dhcp/judge/wds-facts.ts';
import { wdsnbpMachine } from '../../protocols/dhcp/judge/wdsnbp-machine.ts';
import { ntlmMachine } from '../../protocols/ntlm/judge/machine.ts';
import { proxydhcpMachine } from '../../protocols/dhcp/judge/proxydhcp-machine.ts';
import { rpcMachine } from '../../protocols/rpc/judge/machine.ts';
import { smbMachine } from '../../protocols/smb/judge/machine.ts';
import { tcpMachine } from '../../protocols/tcp/judge/machine.ts';
import { tftpMachine } from '../../protocols/tftp/judge/machine.ts';
import { uploadMachine } from '../../protocols/wim/judge/upload-machine.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { alphabetOf } from './alphabets.ts';

/** A machine with everything that a walk through all of its states needs. */
export interface MachineSample {
  readonly name: string;
  readonly machine: object;
  readonly input: unknown;
  readonly events: readonly MachineEvent<ProtocolEvent>[];
  /** The part of the context that guards read: with the state's name it identifies a situation. */
  readonly facts: (context: never) => unknown;
}

const sample = (
  name: Parameters<typeof alphabetOf>[0],
  machine: object,
  facts: MachineSample['facts'] = () => 0,
  input?: unknown,
): MachineSample => {
  const events = alphabetOf(name);
  const last = Math.max(...events.map(({ atUs }) => atUs));
  return {
    name,
    machine,
    input,
    facts,
    events: [...(events as MachineEvent<ProtocolEvent>[]), { type: 'deadline', atUs: last + 1, waitingFor: 'a test' }],
  };
};

/** A transfer outside a boot: nothing is known of it. */
const UNTOLD: LoadingInput = { targets: [], told: [], expectedPaths: [] };

/** Every protocol machine with events that reach all of its states. */
export const MACHINE_SAMPLES: readonly MachineSample[] = [
  sample('arp', arpMachine, (context: { probe: boolean; mac: string }) => [context.probe, context.mac]),
  sample('dhcp', dhcpMachine, (context: { xid: number; offers: readonly unknown[] }) => [
    context.xid,
    Math.min(context.offers.length, 1),
  ]),
  sample(
    'proxydhcp',
    proxydhcpMachine,
    (context: { askedIp: string; offers: readonly unknown[] }) => [context.askedIp, Math.min(context.offers.length, 2)],
    USUAL_FORM,
  ),
  sample(
    'wdsnbp',
    wdsnbpMachine,
    (context: { pendingSince: Sighting; promptDone: string }) => [context.pendingSince.frame > 0, context.promptDone],
    USUAL_FORM,
  ),
  sample(
    'tftp',
    tftpMachine,
    (context: { path: string; granted: unknown; options: unknown }) => [context.path, context.granted, context.options],
    UNTOLD,
  ),
  sample('tcp', tcpMachine, () => 0, { unreachable: () => undefined }),
  sample('http', httpMachine, () => 0, UNTOLD),
  sample(
    'smb',
    smbMachine,
    (context: { openedFile: boolean; missed: unknown; smb1: boolean }) => [
      context.openedFile,
      context.missed !== undefined,
      context.smb1,
    ],
    { expectedPaths: [] },
  ),
  sample('ntlm', ntlmMachine),
  sample('kerberos', kerberosMachine, () => 0, { exchange: 'as' }),
  sample('rpc', rpcMachine, (context: { calls: readonly unknown[]; binding: string }) => [
    context.calls.length > 0,
    context.binding,
  ]),
  sample(
    'image',
    imageMachine,
    (context: { bytes: number; header: unknown }) => [Math.min(context.bytes, 1), context.header],
    { architecture: undefined },
  ),
  sample('upload', uploadMachine, (context: { bytes: number; header: unknown; refused: boolean }) => [
    Math.min(context.bytes, 1),
    context.header,
    context.refused,
  ]),
];
