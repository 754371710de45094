/** What the guest's agent is told on the kernel command line. */
export interface AgentOptions {
  readonly mode: 'install' | 'capture' | 'shell';
  /** Address of the file server. */
  readonly server: string;
  readonly share: string;
  readonly domain: string;
  readonly user: string;
  /** Without a comma: the agent's mount(8) splits its options there. */
  readonly password: string;
  /** How to log on; NTLM unless it says otherwise. */
  readonly authentication?: 'ntlm' | 'kerberos';
  /** DNS domain, and the fully qualified name of its controller, which the share is on. */
  readonly realm?: string;
  readonly controller?: string;
  /** Computer account that the installed system gets. */
  readonly join?: string;
  /**
   * Path below the share, backslashes: `Images\Linux\sample.wim`. To install, without it the menu is shown; to capture,
   * where the image goes.
   */
  readonly image?: string;
  /** Take `image` without asking. */
  readonly unattended: boolean;
  /** Kernel name of the disk to install on, `sda`, or its number from 0; the first one by default. */
  readonly disk?: string;
  /**
   * Address of the WDS control service, with `:PORT` when no endpoint mapper is to be asked. With it the agent asks for
   * its answer file, and says what it does.
   */
  readonly control?: string;
}

/** A PXELINUX menu entry's parts: paths are relative to PXELINUX's own folder. */
export interface PxelinuxOptions {
  readonly agent: AgentOptions;
  /** Default `vmlinuz`. */
  readonly kernel?: string;
  /** Default `agent.img`. */
  readonly initrd?: string;
}

// Kernel log on ttyS0; then what saves start-up time in an emulated VM (vm-images/README.md). ipv6.disable:
// joining IPv6's multicast groups makes QEMU's e1000 deaf for a second just when the DHCP OFFER comes
// (harness/docs/firmware-quirks.md).
const KERNEL_OPTIONS = [
  'console=ttyS0',
  'quiet',
  'loglevel=4',
  'mitigations=off',
  'no_timer_check',
  'cryptomgr.notests',
  'nokaslr',
  'ipv6.disable=1',
];

// x86's COMMAND_LINE_SIZE (arch/x86/include/asm/setup.h) with its terminating zero: the kernel cuts what is longer
// without a word.
const COMMAND_LINE_SIZE = 2048;

/** Options in the order in which they stand on the command line. */
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
  'unattended',
  'disk',
  'control',
] as const satisfies readonly (keyof AgentOptions)[];

/**
 * The agent's options as kernel parameters `pxw.NAME=VALUE`, values percent-encoded (RFC 3986 unreserved characters
 * stay).
 */
export function agentCommandLine(options: AgentOptions): string {
  const { user, domain, password } = options;
  for (const [field, value] of Object.entries({ user, domain, password })) {
    if (value.includes(','))
      throw new RangeError(`${field} has a comma, which the agent cannot hand to mount; choose one without`);
  }
  const words = PARAMETERS.flatMap((name) => {
    const value = options[name];
    if (value === undefined) return [];
    return [`pxw.${name}=${percentEncoded(typeof value === 'boolean' ? String(Number(value)) : value)}`];
  });
  const line = [...KERNEL_OPTIONS, ...words].join(' ');
  if (line.length >= COMMAND_LINE_SIZE)
    throw new RangeError(
      `kernel command line has ${line.length} characters, expected less than ${COMMAND_LINE_SIZE}; shorten the share, image or password`,
    );
  return line;
}

/**
 * PXELINUX's configuration (syslinux.cfg) that starts the agent at once; belongs into `pxelinux.cfg/default` beside the
 * boot program.
 */
export function pxelinuxConfig({ agent, kernel = 'vmlinuz', initrd = 'agent.img' }: PxelinuxOptions): string {
  return [
    'DEFAULT agent',
    'PROMPT 0',
    'TIMEOUT 0',
    'LABEL agent',
    `  KERNEL ${kernel}`,
    `  INITRD ${initrd}`,
    `  APPEND ${agentCommandLine(agent)}`,
    '',
  ].join('\n');
}

function percentEncoded(value: string): string {
  // encodeURIComponent leaves !'()* alone, of which none is safe in a shell or in PXELINUX's file.
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
