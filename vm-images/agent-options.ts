/** Options that the guest's agent gets on the kernel command line. */
export type AgentOptions =
  | ImageOptions
  | BackupOptions
  | RestoreOptions
  | WorkOptions
  | SavedWorkOptions
  | RecoverOptions;

/** To install or capture an image, or to do nothing. */
export interface ImageOptions {
  readonly mode: 'install' | 'capture' | 'shell';
  /** Address of the file server. */
  readonly server: string;
  readonly share: string;
  readonly domain: string;
  readonly user: string;
  /** Must not contain a comma: the agent's mount(8) splits its options at commas. */
  readonly password: string;
  /** How to log on; default NTLM. */
  readonly authentication?: 'ntlm' | 'kerberos';
  /** DNS domain, and the fully qualified name of its controller, which serves the share. */
  readonly realm?: string;
  readonly controller?: string;
  /** Computer account that the installed system gets. */
  readonly join?: string;
  /**
   * Path below the share, with backslashes: `Images\Linux\sample.wim`. Mode `install` takes this image, or shows the
   * menu if there is none; mode `capture` writes the image there.
   */
  readonly image?: string;
  /** Which image of that file: by its index, from 1, or its name; default: the first. */
  readonly imageIndex?: number;
  readonly imageName?: string;
  /** Take `image` without asking. */
  readonly unattended: boolean;
  /** Kernel name of the disk to install on, `sda`, or its number from 0; the first one by default. */
  readonly disk?: string;
  /**
   * Address of the WDS control service, with `:PORT` to skip the endpoint mapper. The agent asks this service for its
   * answer file and reports its progress to it.
   */
  readonly control?: string;
  /** The port at which the image comes by multicast (udpcast's port base); its program is in `multicast.img`. */
  readonly multicast?: number;
}

/** File in the initramfs with the certificate of the authority that a store's own is by, as PEM. */
export const STORE_AUTHORITY = 'agent/store-authority.pem';

/** What the agent must know of a store of disk backups. Its programs are in `backup.img`, which is loaded after `agent.img`. */
interface StoreOptions {
  /** `ADDRESS:PORT`. */
  readonly store: string;
  readonly storePassword: string;
  /** It is asked over HTTPS. The authority of its certificate is in a file of the boot image (STORE_AUTHORITY). */
  readonly storeTls?: true;
  /** This computer's name in the catalogue of backups. */
  readonly client: string;
  /** Kernel name of the disk, `sda`, or its number from 0; the first one by default. */
  readonly disk?: string;
}

/** To save the disk. */
export interface BackupOptions extends StoreOptions {
  readonly mode: 'backup';
}

/** To write a backup to the disk. */
export interface RestoreOptions extends StoreOptions {
  readonly mode: 'restore';
  /** Client whose backup it is; default `client`. */
  readonly backupOf?: string;
  /** Its id, such as `20261128T111500Z`; default the newest one, which `latest` says, too. */
  readonly backup?: string;
}

/** To write to the disk until it is told that it is enough. Needs `hot.img`, which is loaded after `agent.img`. */
export interface WorkOptions {
  readonly mode: 'work';
  /** Kernel name of the disk, `sda`, or its number from 0; the first one by default. */
  readonly disk?: string;
}

/**
 * To write to the disk, and to save it meanwhile. Needs `snapshot.img` and `backup.img`, which are loaded after `agent.img`.
 */
export interface SavedWorkOptions extends StoreOptions {
  readonly mode: 'work';
  /** KiB that the snapshot of each backup may keep, with commas between: `65536,65536`. */
  readonly snapshots: string;
}

/** What a logon to the share needs. */
type LogonOptions = Pick<
  ImageOptions,
  'server' | 'share' | 'domain' | 'user' | 'password' | 'authentication' | 'realm' | 'controller'
>;

/** To copy files of a backup from the share into the system on the disk, when they are there. */
export interface RecoverOptions extends LogonOptions {
  readonly mode: 'recover';
  /** Client whose backup it is. */
  readonly backupOf: string;
  /** Its id, or `latest`: the newest one that has all of them on the share. */
  readonly backup: string;
  /** Absolute paths of files and folders, a line each. */
  readonly paths: string;
  /** Kernel name of the disk, `sda`, or its number from 0; the first one by default. */
  readonly disk?: string;
}

/** A processor that there is an agent for. */
export type AgentProcessor = 'x64' | 'arm64';

/** Kernel options of one processor: the first serial port, for the kernel's log, and what only its kernel knows. */
const PROCESSOR_OPTIONS: Readonly<Record<AgentProcessor, readonly string[]>> = {
  x64: ['console=ttyS0', 'no_timer_check'],
  arm64: ['console=ttyAMA0'],
};

// Options that save start-up time in an emulated VM (vm-images/README.md). ipv6.disable: joining IPv6's multicast groups
// makes QEMU's e1000 drop frames for a second just when the DHCP OFFER arrives (harness/docs/firmware-quirks.md).
const KERNEL_OPTIONS = ['quiet', 'loglevel=4', 'mitigations=off', 'cryptomgr.notests', 'nokaslr', 'ipv6.disable=1'];

// COMMAND_LINE_SIZE of x86 and arm64 (arch/*/include/…/setup.h) with its terminating zero: the kernel silently cuts a
// longer line.
const COMMAND_LINE_SIZE = 2048;

/** Options in the order of the command line. */
const PARAMETERS = [
  'mode',
  'server',
  'share',
  'domain',
  'user',
  'password',
  'authentication',
  'realm',
  'controller',
  'join',
  'image',
  'imageIndex',
  'imageName',
  'unattended',
  'disk',
  'control',
  'multicast',
  'store',
  'storePassword',
  'storeTls',
  'client',
  'backupOf',
  'backup',
  'snapshots',
  'paths',
] as const satisfies readonly (
  | keyof ImageOptions
  | keyof BackupOptions
  | keyof RestoreOptions
  | keyof SavedWorkOptions
  | keyof RecoverOptions
)[];

/**
 * The agent's options as kernel parameters `pxw.NAME=VALUE`, values percent-encoded (RFC 3986 unreserved characters
 * stay).
 */
export function agentCommandLine(options: AgentOptions, processor: AgentProcessor = 'x64'): string {
  if ('share' in options) {
    const { user, domain, password } = options;
    for (const [field, value] of Object.entries({ user, domain, password })) {
      if (value.includes(','))
        throw new RangeError(`${field} has a comma, which the agent cannot pass to mount; choose one without a comma`);
    }
  }
  const given: { readonly [Name in (typeof PARAMETERS)[number]]?: string | number | boolean } = options;
  const words = PARAMETERS.flatMap((name) => {
    const value = given[name];
    if (value === undefined) return [];
    const text = typeof value === 'string' ? value : String(Number(value));
    return [`pxw.${name.toLowerCase()}=${percentEncoded(text)}`];
  });
  const line = [...PROCESSOR_OPTIONS[processor], ...KERNEL_OPTIONS, ...words].join(' ');
  if (line.length >= COMMAND_LINE_SIZE)
    throw new RangeError(
      `kernel command line has ${line.length} characters, expected less than ${COMMAND_LINE_SIZE}; shorten the share, image or password`,
    );
  return line;
}

function percentEncoded(value: string): string {
  // encodeURIComponent does not encode !'()*, which are unsafe in a shell and in PXELINUX's file.
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
