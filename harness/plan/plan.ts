import type { CertificateKind } from '../scenario/schema/certificate-kinds.ts';
import type { DiskInterface } from '#qemu-wrapper/machines';
import type { Firmware, MachineType, PxeNicModel, Transport } from '#qemu-wrapper/nic-models';
import type { FormatName } from '../../servers/images/backups/convert/formats.ts';
import type { NewDevice } from '../../servers/state/device-store.ts';

// The Plan: a Scenario with every default filled, every address and path given, frozen. Nothing after this stage
// decides anything that a user could have written. Serialisable as JSON: it is kept with the run as evidence.

import type { DeploymentSettings } from '../played-clients/deployment-settings.ts';
import type { WdsnbpSettings } from '../played-clients/wdsnbp/settings.ts';
import type { ProgramPlan } from './services/program-plan.ts';
import type { ServicePlan } from './services/service-plan.ts';

/** A host on the lab's bridge: one network namespace with one address; services that share an `at:` share it. */
export interface HostPlan {
  /** `host-1`, `host-207`: short enough for an interface name. */
  readonly name: string;
  readonly ip: string;
  /** Absent in a lab without IPv6. */
  readonly ipv6?: string;
  readonly mac: string;
}

/**
 * A folder tree that the lab lays out for a service before it starts: hard links to cached files plus generated texts.
 */
export interface TreePlan {
  /** Absolute, below the run's private folder: `${run}/tftp`. */
  readonly root: string;
  readonly entries: readonly (
    | {
        readonly path: string;
        /** Bundle of vm-images, e.g. `boot-files/wds`, copied below `path`. */
        readonly bundle: string;
      }
    | {
        readonly path: string;
        /** A user's file or folder, absolute, or what the lab makes below the run's private folder: `${run}/certificates/…`. */
        readonly source: string;
      }
    | { readonly path: string; readonly text: string }
  )[];
  /**
   * Files or folders below `root` that are taken away when all entries are laid out: a boot file that somebody forgot.
   */
  readonly without?: readonly string[];
  /** Files below `root` that are damaged last of all. */
  readonly damage?: readonly DamagePlan[];
  /** Size of a volume of its own that the tree lies on. */
  readonly capacityMiB?: number;
  /** Only when there is no such folder yet: a state folder keeps what earlier runs left in it. */
  readonly once?: true;
}

/** What is done to one file, path below the tree's root. */
export type DamagePlan = { readonly path: string } & (
  | { /** What is left of it. */ readonly keepPercent: number }
  | { readonly flipByteAt: number }
  | {
      /** Windows' code (protocols/wim/wire/architectures.ts) that every image of the file gets. */ readonly architecture: number;
    }
);

/**
 * Where the deployment server keeps what changes while it runs. Services get the folder as field `state` of their
 * configuration.
 */
export interface StatePlan {
  /** `${run}/state`, or the scenario's own, absolute, which outlives the run. */
  readonly folder: string;
  /** Root of the RemInst tree; absent without an image store. */
  readonly images?: string;
  /** Devices that a new state begins with; seen for the first and the last time when the lab starts. */
  readonly devices: readonly NewDevice[];
}

/** What happens to a VM at a moment: a screen or event of its agent, or a step that has passed. */
export interface IncidentPlan {
  readonly when: string;
  /** Not before the event says so much. */
  readonly percent?: number;
  readonly delayMs?: number;
  readonly what: 'unplug' | 'pause' | 'power-off';
  /** For how long its cable is out or it stands still; absent, and no `until` either: until the end. */
  readonly forMs?: number;
  /** In place of that: until another client has passed this step. */
  readonly until?: { readonly client: string; readonly step: string };
}

/** The menu of a boot program, as the wire shows that it is on the screen. */
export interface BootMenuPlan {
  /** `when` of the keys that choose from it. */
  readonly when: string;
  /** Configurations that have the menu, paths below the server's root with forward slashes. */
  readonly files: readonly string[];
  /** How often one of them is loaded until the menu is there. */
  readonly loads: number;
}

export interface BootDevice {
  /** `unplugged-nic`: the card of `VmPlan.unpluggedNic`. */
  readonly device: 'network' | 'disk' | 'unplugged-nic';
  readonly bootindex: number;
}

/** Who boots: a VM, or a program that speaks as one would. */
export type ClientPlan = VmPlan | PlayedPlan;

interface ClientIdentity {
  readonly name: string;
  readonly mac: string;
  readonly uuid: string;
  readonly firmware: Firmware;
  /** Powered on when this client's story is over and has passed; without it at the same time as all others. */
  readonly startsAfter?: string;
  /** What must happen to this client, in place of what the Plan says for all. */
  readonly story?: StoryPlan;
}

/** A client without a VM: `harness/played-clients/wdsnbp/client.ts` in a network namespace of its own. */
export interface PlayedPlan extends ClientIdentity {
  readonly plays: 'wdsnbp';
  readonly nic: 'none';
  readonly transport?: undefined;
  readonly settings: WdsnbpSettings;
  /** Its work after the boot program: the control channel of an installation. */
  readonly deployment?: DeploymentSettings;
}

/** A VM with firmware and a network card of its own. */
export interface VmPlan extends ClientIdentity {
  readonly plays?: undefined;
  readonly nic: PxeNicModel;
  /** How the firmware fetches its boot file. */
  readonly transport: Transport;
  readonly memoryMiB: number;
  /** What its firmware needs to boot from the network, where that is more. */
  readonly neededMemoryMiB?: number;
  readonly cpus: number;
  /** Size of its disk in MiB; absent for a disk as large as `diskImage`, and for a diskless client. */
  readonly diskMiB?: number;
  /** What its disk holds at power-on: a bundle of vm-images, or a file of the user's, absolute. Absent for an empty disk. */
  readonly diskImage?: { readonly bundle: string } | { readonly file: string };
  /** How the disk is attached; absent for virtio. */
  readonly diskInterface?: DiskInterface;
  /** Bytes in a block of the disk; absent for 512. */
  readonly diskBlockSize?: 512 | 4096;
  /** Absent for the firmware's default. */
  readonly machineType?: MachineType;
  readonly tpm?: true;
  /** What the firmware tries; nothing where the firmware's own variables say it. */
  readonly bootOrder: readonly BootDevice[];
  /** The same of the start after the story; absent for `bootOrder`. */
  readonly nextBootOrder?: readonly BootDevice[];
  /** A further card, the first of the machine, without a cable. */
  readonly unpluggedNic?: { readonly model: PxeNicModel; readonly mac: string };
  /** File of the variables with which the firmware starts, absolute; absent for the firmware's own. */
  readonly firmwareVariables?: string;
  /** How far its real-time clock is ahead of the right time, milliseconds; absent for a clock that is right. */
  readonly clockOffsetMs?: number;
  /** The computer account that its installed system gets. */
  readonly join?: string;
  /**
   * Keys the scenario types, QEMU key names: `when` is the screen (`menu`), the agent's event (`images`), the step
   * (`dhcp.ack`) or the menu (`bootMenu.when`) that they answer.
   */
  readonly keys: readonly { readonly when: string; readonly delayMs?: number; readonly keys: readonly string[] }[];
  readonly bootMenu?: BootMenuPlan;
  /** Its agent saves or restores the disk, or works until it has been saved; absent for any other role. The VM runs until it ends by itself. */
  readonly diskRole?: 'backup' | 'restore' | 'work';
  /** How the hypervisor saves the disk while the VM works. */
  readonly hotBackups?: HotBackupsPlan;
  /** How the agent saves the disk by itself while the VM works. */
  readonly snapshotBackups?: SnapshotBackupsPlan;
  /** What its newest backup is made into afterwards. */
  readonly virtualMachines?: VirtualMachinesPlan;
  /** Its agent recovers files of a backup. The VM runs until it ends by itself. */
  readonly recovery?: RecoveryPlan;
  readonly incidents?: readonly IncidentPlan[];
  /** The client whose disk this one begins with, as that one left it; absent for a disk of its own. */
  readonly diskOf?: string;
  /** What is checked after this client's boot, in place of what the Plan's `after` says for all. */
  readonly after?: AfterPlan;
}

/** Backups of a VM that goes on. */
export interface HotBackupsPlan {
  /** One after the other; `frozen`: the guest's file systems stand still for the moment that is saved. */
  readonly take: readonly ('frozen' | 'unfrozen')[];
  /** From the begin of one to that of the next; absent: each at once when the one before is over. */
  readonly everyMs?: number;
  /** Name of the host from which the store is written. */
  readonly hypervisor: string;
  /** The store, as restic names it. */
  readonly store: string;
  readonly storePassword: string;
  /** The certificate of the authority that the store's is by, below the run's private folder. */
  readonly storeAuthority?: string;
}

/** An authority, and the certificate of a server by it, which a lab makes. */
export interface CertificatesPlan {
  /** Below the run's private folder. */
  readonly folder: string;
  /** The server's. */
  readonly address: string;
  readonly certificate: CertificateKind;
}

/** Backups that the agent takes of its own disk while the VM works, one for each snapshot. */
export interface SnapshotBackupsPlan {
  /** How many KiB each snapshot may keep. */
  readonly snapshotsKiB: readonly number[];
  /** Folder of the store, which may be inside the run's private folder. */
  readonly storeFolder: string;
  readonly storePassword: string;
  /** One of them fails, as the scenario wants it. */
  readonly mayFail?: true;
}

/** Virtual machines that are made of a client's newest backup, and started. */
export interface VirtualMachinesPlan {
  readonly formats: readonly FormatName[];
  /** Folder of the store, which may be inside the run's private folder. */
  readonly storeFolder: string;
  readonly storePassword: string;
}

/** Files and folders of a backup that are put on the image share while a VM waits for them. */
export interface RecoveryPlan {
  /** Client whose backup it is, and its id or `latest`. */
  readonly of: string;
  readonly id: string;
  readonly paths: readonly string[];
  /** Folder of the store, which may be inside the run's private folder. */
  readonly storeFolder: string;
  readonly storePassword: string;
  /** It fails, as the scenario wants it. */
  readonly mayFail?: true;
}

/** What must happen to a client on the wire. */
export interface StoryPlan {
  readonly expectations: readonly Expectation[];
  readonly expectFailure?: ExpectedFailure;
}

/**
 * A value an expectation compares with: equal (strings without regard to case where the protocol has none), or a regex.
 */
export type Matcher = string | number | boolean | { readonly matches: string };

/** One step that must happen, in order after the one before it. */
export interface Expectation {
  /** Step name, e.g. `tftp.transfer`. */
  readonly step: string;
  /** Fields of the step's `detail` that must match. */
  readonly with: Readonly<Record<string, Matcher>>;
  /** Where the scenario says so, for messages: `install-bios.yaml:31:5`. */
  readonly source: string;
}

export interface ExpectedFailure {
  /** The step that must come out as failed. */
  readonly step: string;
  /** Identifier of the diagnosis, e.g. `boot-file-missing`. */
  readonly cause?: string;
}

export interface DirectoryPlan {
  /** DNS domain; the Kerberos realm in capitals. */
  readonly realm: string;
  /** Fully qualified name of the controller. */
  readonly controller: string;
  readonly address: string;
  /** The service's folder, below the run's private folder. */
  readonly state: string;
}

export interface AfterPlan {
  /** Power on again with only this device in the boot order, and wait until the installed system says that it is up. */
  readonly bootFrom?: 'disk';
  /** Power on again as the client's boot order says, and see what it starts from. */
  readonly nextStart?: 'disk' | 'network';
  /**
   * Compare the disk, file by file: with what an image holds (the path of its file below the share, e.g.
   * `Images\Linux\sample.wim`, and its index or name there; default: the first), or with the disk that another client
   * left; `changed` are the files that must not be the same there.
   */
  readonly compareDiskWith?:
    | { readonly image: string; readonly index?: number; readonly name?: string }
    | { readonly client: string; readonly changed: readonly string[] };
  /** Compare the whole disk with the one that this client left: the client's disk is a copy of that. */
  readonly restoredFrom?: string;
  /** Glob patterns of paths that the comparison leaves out; the lab's own before the scenario's. */
  readonly ignore?: readonly string[];
  /** Ask the directory for each client's computer account, and try the key on its disk. */
  readonly joined?: true;
  /** Single files on the disk and their SHA-256. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Plan extends StoryPlan {
  /** Stable: file path plus matrix values, e.g. `wds/install-bios[nic=e1000]`. */
  readonly id: string;
  readonly name: string;
  /** Scenario file as the user gave it. */
  readonly file: string;
  /** Folders outside of the scenario's that the user allowed and it uses. */
  readonly allowRoots?: readonly string[];
  readonly tags: readonly string[];
  readonly matrix: Readonly<Record<string, string>>;
  /** The domain that clients log on to and join. */
  readonly directory?: DirectoryPlan;
  readonly network: {
    readonly subnet: string;
    readonly prefixLength: number;
    /** `fd77::/64`; absent in a lab without IPv6. */
    readonly ipv6?: string;
  };
  readonly hosts: readonly HostPlan[];
  readonly services: readonly ServicePlan[];
  /** Programs of the user's own; absent without any. */
  readonly programs?: readonly ProgramPlan[];
  /** Made before the trees are laid out. */
  readonly certificates?: CertificatesPlan;
  readonly trees: readonly TreePlan[];
  readonly state: StatePlan;
  /** vm-images bundles that must be built before the lab starts. */
  readonly bundles: readonly string[];
  readonly clients: readonly ClientPlan[];
  /** Nothing but the named steps may happen. */
  readonly strict: boolean;
  /** Longest time of a phase in milliseconds under the reference accelerator; phase names of the Result. */
  readonly budgets: Readonly<Record<string, number>>;
  /** The whole story of one client must be over by then, milliseconds from power-on. */
  readonly timeoutMs: number;
  /** A client that neither sends a frame nor writes on its consoles for so long is ended. */
  readonly idleTimeoutMs?: number;
  readonly after?: AfterPlan;
}
