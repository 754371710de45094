import { arpMachine } from '../protocols/arp/judge/machine.ts';
import { dhcpMachine } from '../protocols/dhcp/judge/machine.ts';
import { httpMachine } from '../protocols/http/judge/machine.ts';
import { imageMachine } from '../protocols/wim/judge/machine.ts';
import { isakmpStep } from '../protocols/isakmp/judge/steps.ts';
import { kerberosMachine } from '../protocols/kerberos/judge/machine.ts';
import type { LoadingInput } from '../protocols/base/judge/loading.ts';
import { ntlmMachine } from '../protocols/ntlm/judge/machine.ts';
import { comparablePath, isImageName, type PathPattern } from '../protocols/base/judge/path-names.ts';
import { proxydhcpMachine } from '../protocols/dhcp/judge/proxydhcp-machine.ts';
import { rpcMachine } from '../protocols/rpc/judge/machine.ts';
import { smbMachine } from '../protocols/smb/judge/machine.ts';
import { recordedStep, type StepDraft } from '../protocols/base/judge/step.ts';
import { tcpMachine } from '../protocols/tcp/judge/machine.ts';
import { tftpMachine } from '../protocols/tftp/judge/machine.ts';
import { uploadMachine } from '../protocols/wim/judge/upload-machine.ts';
import { isOfBootProgram, type Option250Form } from '../protocols/dhcp/judge/wds-facts.ts';
import { wdsnbpMachine } from '../protocols/dhcp/judge/wdsnbp-machine.ts';
import type { KerberosEvent, ProtocolEvent } from '../protocols/base/observe/seen.ts';
import { type Budgets, type MachineRun, runMachine } from './machine-run.ts';
import { createPeers } from './peers.ts';

const MACHINES = {
  arp: arpMachine,
  dhcp: dhcpMachine,
  proxydhcp: proxydhcpMachine,
  wdsnbp: wdsnbpMachine,
  tftp: tftpMachine,
  tcp: tcpMachine,
  http: httpMachine,
  smb: smbMachine,
  ntlm: ntlmMachine,
  kerberos: kerberosMachine,
  rpc: rpcMachine,
  image: imageMachine,
  upload: uploadMachine,
} as const;
type Kind = keyof typeof MACHINES;

/** The protocol machines of one client: one of each kind a conversation, found by the conversation's key. */
export interface ClientMachines {
  /** Routes an event to the machines that it concerns and returns their steps. */
  accept(event: ProtocolEvent): StepDraft[];
  /** Earliest deadline of any machine, capture time. */
  readonly dueUs: number;
  /** Fires every deadline up to `atUs`, in order of their due times. */
  expire(atUs: number): StepDraft[];
  /** Machines whose state waits for something. */
  waiting(): MachineRun[];
}

export interface ClientMachinesOptions {
  readonly budgets: Budgets;
  readonly expectedPaths: readonly PathPattern[];
  readonly option250: Option250Form;
  /** What the boot machine knows of the files that the client was told to load, at this moment. */
  readonly told: () => Omit<LoadingInput, 'expectedPaths'>;
  /** Option 93 of the client's firmware, once it has asked for an address. */
  readonly architecture: () => number | undefined;
}

/** No machines yet; they start with the first event of their conversation. */
export function createClientMachines(options: ClientMachinesOptions): ClientMachines {
  const runs = new Map<string, MachineRun>();
  const peers = createPeers();
  // Deadlines are looked at for every frame, machines change for few: the earliest one is kept.
  let dueUs = Infinity;

  const start = (kind: Kind, key: string): MachineRun => {
    const run = runMachine(kind, MACHINES[kind], inputOf(kind, key), options.budgets);
    runs.set(`${kind} ${key}`, run);
    return run;
  };
  const inputOf = (kind: Kind, key: string): object => {
    if (kind === 'kerberos') return { exchange: key };
    if (kind === 'proxydhcp' || kind === 'wdsnbp') return options.option250;
    if (kind === 'image') return { architecture: options.architecture() };
    return kind === 'smb'
      ? { expectedPaths: options.expectedPaths }
      : { ...options.told(), expectedPaths: options.expectedPaths };
  };
  const find = (kind: Kind, key: string): MachineRun | undefined => runs.get(`${kind} ${key}`);
  const get = (kind: Kind, key: string): MachineRun => find(kind, key) ?? start(kind, key);

  const route = (event: ProtocolEvent): StepDraft[] => {
    const [protocol] = event.type.split('.');
    switch (protocol) {
      case 'arp':
        return 'targetIp' in event ? get('arp', arpKey(event)).send(event) : [];
      case 'dhcp':
        if (event.type === 'dhcp.discover' || event.type === 'dhcp.offer')
          return [...get('proxydhcp', '').send(event), ...get('dhcp', '').send(event)];
        return 'message' in event && answersProxy(event, find('proxydhcp', ''))
          ? get('proxydhcp', '').send(event)
          : get('dhcp', '').send(event);
      case 'proxydhcp':
        return [
          ...get('proxydhcp', '').send(event),
          ...('from' in event && isOfBootProgram(event.message) ? get('wdsnbp', '').send(event) : []),
        ];
      case 'tftp':
        return 'transfer' in event ? tftp(event) : [];
      case 'http': {
        if (!('connection' in event)) return [];
        const current = get('http', event.connection);
        const run =
          event.type === 'http.request' && current.state !== 'idle' ? start('http', event.connection) : current;
        return [...(run === current ? [] : abandoned(current, event)), ...run.send(event)];
      }
      case 'tcp':
        return 'connection' in event
          ? [
              get('tcp', event.connection),
              find('smb', event.connection),
              find('http', event.connection),
              find('rpc', event.connection),
            ].flatMap((run) => run?.send(event) ?? [])
          : [];
      case 'smb':
        return 'connection' in event
          ? [...get('smb', event.connection).send(event), ...image(event), ...upload(event)]
          : [];
      case 'ntlm':
        return 'connection' in event
          ? [
              ...get('ntlm', event.connection).send(event),
              ...((find('smb', event.connection) ?? find('rpc', event.connection))?.send(event) ?? []),
            ]
          : [];
      case 'kerberos':
        return isKerberos(event) ? get('kerberos', exchangeOf(event)).send(event) : [];
      case 'rpc':
      case 'wds':
        return 'connection' in event ? get('rpc', event.connection).send(event) : [];
      case 'isakmp':
        return event.type === 'isakmp.message' ? [isakmpStep(event)] : [];
      case 'wim':
        if (event.type === 'wim.header-written') return get('upload', comparablePath(event.path)).send(event);
        return 'path' in event ? get('image', comparablePath(event.path)).send(event) : [];
      default:
        return [strayStep(event)];
    }
  };

  const tftp = (event: Extract<ProtocolEvent, { readonly transfer: string }>): StepDraft[] => {
    const fresh = event.type === 'tftp.read-request' && !event.repeated;
    const current = find('tftp', event.transfer);
    const run = current && !(fresh && current.state !== 'idle') ? current : start('tftp', event.transfer);
    const proxy = event.type === 'tftp.read-request' ? (find('proxydhcp', '')?.send(event) ?? []) : [];
    return [...proxy, ...(current && run !== current ? abandoned(current, event) : []), ...run.send(event)];
  };

  const image = (event: ProtocolEvent): StepDraft[] => {
    if (event.type !== 'smb.first-read' && event.type !== 'smb.close' && event.type !== 'smb.unfinished') return [];
    const key = comparablePath(event.path);
    const run = isImageName(key) ? get('image', key) : find('image', key);
    return run?.send(event) ?? [];
  };

  /** Files that are images by their name, or of which a header was written. */
  const upload = (event: ProtocolEvent): StepDraft[] => {
    if (!isOfUpload(event)) return [];
    const key = comparablePath(event.path);
    const run = event.type === 'smb.first-write' && isUploadName(key) ? get('upload', key) : find('upload', key);
    return run?.send(event) ?? [];
  };

  const refresh = (): void => {
    dueUs = Math.min(Infinity, ...[...runs.values()].map((run) => run.dueUs));
  };
  return {
    accept(event) {
      const moved = peers.notice(event);
      const steps = route(event);
      refresh();
      return moved ? [moved, ...steps] : steps;
    },
    get dueUs() {
      return dueUs;
    },
    expire(atUs) {
      const steps: StepDraft[] = [];
      while (dueUs < atUs) {
        const due = [...runs.values()].find((run) => run.dueUs === dueUs);
        if (due) steps.push(...due.expire());
        refresh();
      }
      return steps;
    },
    waiting: () => [...runs.values()].filter((run) => run.waitsFor !== undefined),
  };
}

function arpKey(event: Extract<ProtocolEvent, { readonly targetIp: string }>): string {
  return event.type === 'arp.request' ? `${event.senderIp}>${event.targetIp}` : `${event.targetIp}>${event.senderIp}`;
}

function isKerberos(event: ProtocolEvent): event is KerberosEvent {
  return event.type.startsWith('kerberos.');
}

/**
 * AS, TGS and AP exchanges of a client are conversations of their own: a failed one does not end the others (RFC 4120
 * section 3).
 */
function exchangeOf(event: KerberosEvent): 'as' | 'tgs' | 'ap' {
  if (event.type === 'kerberos.error') return event.during;
  if (event.type === 'kerberos.ap-request') return 'ap';
  return event.type === 'kerberos.as-request' || event.type === 'kerberos.as-reply' ? 'as' : 'tgs';
}

// An answer to the request on port 4011 that the boot server sent from port 67: it grants no address.
function answersProxy(
  event: Extract<ProtocolEvent, { readonly message: unknown }>,
  proxy: MachineRun | undefined,
): boolean {
  return event.type === 'dhcp.ack' && event.message.yiaddr === '0.0.0.0' && proxy?.state === 'requesting';
}

type OfUpload = Extract<
  ProtocolEvent,
  {
    readonly type:
      | 'smb.first-write'
      | 'smb.write'
      | 'smb.write-refused'
      | 'smb.rename'
      | 'smb.close'
      | 'smb.unfinished';
  }
>;

function isOfUpload(event: ProtocolEvent): event is OfUpload {
  return ['smb.first-write', 'smb.write', 'smb.write-refused', 'smb.rename', 'smb.close', 'smb.unfinished'].includes(
    event.type,
  );
}

/** An image's name, or one that an image has while it is written: `captured.wim.partial`. */
function isUploadName(path: string): boolean {
  return isImageName(path) || isImageName(path.replace(/\.[a-z0-9]+$/, ''));
}

function abandoned(run: MachineRun, event: ProtocolEvent): StepDraft[] {
  if (run.waitsFor === undefined) return [];
  return [
    recordedStep({
      machine: run.kind,
      step: `${run.kind}.abandoned`,
      from: run.context.since,
      at: event,
      detail: {},
      why: `a new exchange began while this one waited for ${run.waitsFor}`,
    }),
  ];
}

// A step's name needs a dot and lowercase; `protocol` of a malformed layer is a decoder's own word.
function strayStep(event: ProtocolEvent): StepDraft {
  if (event.type !== 'malformed')
    return recordedStep({
      machine: 'wire',
      step: 'wire.unknown',
      at: event,
      detail: { type: event.type },
      why: 'an event that no machine judges',
    });
  const protocol = event.malformed.protocol.toLowerCase().replace(/[^a-z0-9]/g, '') || 'wire';
  return recordedStep({
    machine: protocol,
    step: `${protocol}.malformed`,
    at: event,
    detail: { reason: event.malformed.reason, offset: event.malformed.offset },
    why: 'bytes that do not decode; whether the client minded shows in what it did next',
    cause: 'malformed-message',
  });
}
