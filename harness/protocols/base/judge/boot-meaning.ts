import type { StepDraft } from './step.ts';

/** What a passed step means for the order of a boot. */
export type BootMeaning =
  | 'address-asked'
  | 'address-asked-by-guest'
  | 'address-given'
  | 'boot-server-offered'
  | 'boot-server-asked'
  | 'boot-server-answered'
  | 'load-began'
  | 'loaded'
  | 'share-wanted'
  | 'session-given'
  | 'image-found'
  | 'image-read'
  | 'image-written'
  | 'store-opened'
  | 'backup-written'
  | 'backup-read';

/** Phases of a boot, in the order of a boot (harness/docs/steps.md). */
export const PHASES = {
  firmware: 'power-on to the first DISCOVER',
  dhcp: 'the first DISCOVER to its ACK',
  proxy: 'from there to the boot server’s ACK on port 4011; absent without that round',
  nbp: 'from there to the complete boot file',
  kernel: 'from there to the end of the last boot transfer',
  os: 'from there to the first frame of the booted system',
  'guest-dhcp': 'DHCP of the booted system',
  authentication:
    'the first Kerberos or SMB step, or the first logon over RPC, to the session and to the first answered request of that logon',
  image: 'the first image step to the end of the last image transfer',
  capture: 'the first byte of an image that is written to the share until it has its name there',
  backup: 'the first opening of the backup store to the last snapshot that the client wrote',
  restore:
    'from there, or from the first opening of the backup store by a client that wrote no snapshot, to the last content that was read',
} as const;

/** A phase of a boot. */
export type Phase = keyof typeof PHASES;

/** Phases that a room's passed steps begin or end. `ports`: where its servers listen. */
export type PhaseMarks = Readonly<Partial<Record<Phase, (step: StepDraft, ports: readonly number[]) => boolean>>>;

/** What a step tells of the client itself. */
export interface ClientFacts {
  /** The address that it was given. */
  readonly ip?: string;
  /** Option 93 of its firmware. */
  readonly architecture?: number;
}

/** What a message shows of the client itself, whether or not it is in order. */
export interface ClientShown {
  /** Option 93. */
  readonly architecture?: number | undefined;
  /** Option 60, and whether firmware or a network boot program writes one of its kind. */
  readonly vendorClass?: { readonly text: string; readonly boots: boolean } | undefined;
  /** The relay agent that passed the message on. */
  readonly relay?: string | undefined;
  /** What it calls itself, beside its hardware address: for people, with the option's number. */
  readonly identities?: readonly string[];
}

/** What a room's steps mean for the boot. */
export interface BootMarks {
  /** Who speaks it: firmware and boot programs that load files, or only the system that they boot. */
  readonly speaker?: 'loader' | 'system';
  readonly learns?: (step: StepDraft) => ClientFacts;
  /** What a passed step means for the order of a boot. `ports`: where the room's servers listen. */
  readonly means?: (step: StepDraft, ports: readonly number[]) => BootMeaning | undefined;
  readonly begins?: PhaseMarks;
  readonly ends?: PhaseMarks;
}

/** Whether a step is a connection to one of these ports. */
export function connectsTo(step: StepDraft, ports: readonly number[]): boolean {
  return step.step === 'tcp.connect' && ports.includes(Number(step.detail['port']));
}
