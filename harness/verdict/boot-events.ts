import { isFirmwareClass } from '../protocols/dhcp/judge/facts.ts';
import { isAuthenticated } from '../protocols/rpc/judge/status.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';

type With<T extends string> = { readonly type: T; readonly step: StepDraft };

/** What the boot machine understands: the protocols' steps, sorted by what they mean for the order of a boot. */
export type BootEvent =
  | With<'address-asked'>
  | With<'address-asked-by-guest'>
  | With<'address-given'>
  | With<'boot-server-offered'>
  | With<'boot-server-asked'>
  | With<'boot-server-answered'>
  | With<'load-began'>
  | With<'loaded'>
  | With<'load-missed'>
  | With<'share-wanted'>
  | With<'session-given'>
  | With<'image-found'>
  | With<'image-read'>
  | With<'image-written'>
  | With<'failed'>
  | With<'other'>
  /** All that the scenario expects has happened; `step` is the last of it. */
  | With<'goal'>
  /** No more frames will come; `quiet` when no protocol was left waiting. */
  | { readonly type: 'end'; readonly atUs: number; readonly quiet: boolean }
  | { readonly type: 'deadline'; readonly atUs: number; readonly waitingFor: string };

/** The boot event of a protocol's step. */
export function toBootEvent(step: StepDraft): BootEvent {
  if (step.verdict === 'failed') return { type: 'failed', step };
  if (step.verdict === 'recorded') return { type: step.cause === 'boot-file-missing' ? 'load-missed' : 'other', step };
  return { type: meaningOf(step), step };
}

function meaningOf(step: StepDraft): Exclude<BootEvent['type'], 'end' | 'deadline' | 'goal' | 'failed'> {
  switch (step.step) {
    case 'dhcp.discover':
    case 'dhcp.request':
      return isFirmwareClass(step.detail['vendorClass']) ? 'address-asked' : 'address-asked-by-guest';
    case 'dhcp.ack':
      return 'address-given';
    case 'proxydhcp.offer':
      return 'boot-server-offered';
    case 'proxydhcp.request':
      return 'boot-server-asked';
    case 'proxydhcp.ack':
      return 'boot-server-answered';
    case 'tftp.read-request':
      return 'load-began';
    case 'tftp.transfer':
    case 'http.get':
      return 'loaded';
    case 'tcp.connect':
      // 445 is SMB (MS-SMB2 section 2.1); other connections belong to no phase.
      return step.detail['port'] === 445 ? 'share-wanted' : 'other';
    case 'smb.negotiate':
      return 'share-wanted';
    case 'rpc.bind':
    case 'rpc.alter-context':
      return isAuthenticated(step) ? 'share-wanted' : 'other';
    case 'wds.reply':
      // AUTH3 has no answer: the first answered request shows that the server let the user in.
      return isAuthenticated(step) ? 'session-given' : 'other';
    case 'smb.session-setup':
      return 'session-given';
    case 'image.header':
      return 'image-found';
    case 'image.transfer':
      return 'image-read';
    case 'image.upload':
      return 'image-written';
    default:
      return 'other';
  }
}
