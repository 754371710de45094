import { setup } from 'xstate';
import { machineActions, type MachineEvent, type WaitMeta } from '../../base/judge/machine-parts.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';
import type { TcpEvent } from '../../tcp/observe/events.ts';
import type { SmbEvent } from '../observe/events.ts';
import type { SmbContext, SmbInput } from './session.ts';
import type { SMB } from './vocabulary.ts';

/** What the machine of an SMB connection is made of; its states are in two files. */
export const smbSetup = setup({
  types: {
    context: {} as SmbContext,
    events: {} as MachineEvent<SmbEvent | TcpEvent | NtlmEvent>,
    input: {} as SmbInput,
    meta: {} as WaitMeta<keyof typeof SMB.waits>,
  },
  actions: machineActions,
});
