import type { MachineEvent } from '../../protocols/base/judge/machine-parts.ts';
import type { Sighting } from '../../protocols/base/judge/step.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { alphabetOf, machineOf } from './alphabets.ts';
import { CAPTURES } from './machine-captures.ts';

/** A machine with everything that a walk through all of its states needs. */
export interface MachineSample {
  readonly name: string;
  readonly machine: object;
  readonly input: unknown;
  readonly events: readonly MachineEvent<ProtocolEvent>[];
  /** The part of the context that guards read: with the state's name it identifies a situation. */
  readonly facts: (context: never) => unknown;
}

/** A machine with the events of its captures; `key` is what its conversation is known by, where it is told that. */
function sample(name: keyof typeof CAPTURES, facts: MachineSample['facts'] = () => 0, key = ''): MachineSample {
  const { logic, input } = machineOf(name, key);
  const events = alphabetOf(name, CAPTURES[name]);
  const lastUs = Math.max(...events.map(({ atUs }) => atUs));
  const deadline = { type: 'deadline', atUs: lastUs + 1, waitingFor: 'a test' } as const;
  return { name, machine: logic, input, facts, events: [...(events as MachineEvent<ProtocolEvent>[]), deadline] };
}

/** Every protocol machine with events that reach all of its states. */
export const MACHINE_SAMPLES: readonly MachineSample[] = [
  sample('arp', (context: { probe: boolean; mac: string }) => [context.probe, context.mac]),
  sample('dhcp', (context: { xid: number; offers: readonly unknown[] }) => [
    context.xid,
    Math.min(context.offers.length, 1),
  ]),
  sample('proxydhcp', (context: { askedIp: string; offers: readonly unknown[] }) => [
    context.askedIp,
    Math.min(context.offers.length, 2),
  ]),
  sample('wdsnbp', (context: { pendingSince: Sighting; promptDone: string }) => [
    context.pendingSince.frame > 0,
    context.promptDone,
  ]),
  sample('tftp', (context: { path: string; granted: unknown; options: unknown }) => [
    context.path,
    context.granted,
    context.options,
  ]),
  sample('tcp'),
  sample('http'),
  sample('smb', (context: { openedFile: boolean; missed: unknown; smb1: boolean }) => [
    context.openedFile,
    context.missed !== undefined,
    context.smb1,
  ]),
  sample('ntlm'),
  sample('kerberos', () => 0, 'as'),
  sample('rpc', (context: { calls: readonly unknown[]; binding: string }) => [
    context.calls.length > 0,
    context.binding,
  ]),
  sample('image', (context: { bytes: number; header: unknown }) => [Math.min(context.bytes, 1), context.header]),
  sample('upload', (context: { bytes: number; header: unknown; refused: boolean }) => [
    Math.min(context.bytes, 1),
    context.header,
    context.refused,
  ]),
];
