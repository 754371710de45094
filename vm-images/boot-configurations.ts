import { agentCommandLine, type AgentOptions, type AgentProcessor } from './agent-options.ts';

// Configurations of the network boot programs: they start the boot image at once, or show a menu with its roles.

/** What a boot program starts; paths are relative to PXELINUX's own folder. */
export interface BootOptions {
  readonly agent: AgentOptions;
  /** Of the computer; default `x64`. */
  readonly processor?: AgentProcessor;
  /** Default `vmlinuz`. */
  readonly kernel?: string;
  /** Archives that make up the initramfs, in their order; default `agent.img` alone. */
  readonly initrd?: readonly string[];
}

/** One entry of a boot program's menu. */
export interface MenuEntry {
  /** Identifies it in the configuration: letters, digits and hyphens. */
  readonly name: string;
  /** What the screen shows. */
  readonly title: string;
  /** Lower-case letter or digit that starts the entry at once. */
  readonly key?: string | undefined;
  readonly starts: BootOptions;
}

/** A boot program's menu for one client. */
export interface BootMenu {
  readonly title: string;
  /** `name` of the entry that starts when nobody presses a key. */
  readonly chosen: string;
  readonly timeoutMs: number;
  readonly entries: readonly MenuEntry[];
}

/**
 * Text that PXELINUX, GRUB and iPXE all show as it is: ^ marks a hotkey to PXELINUX, quotes and backslashes end a word of GRUB's
 * shell, $ begins a setting of iPXE's.
 */
export const MENU_TEXT = /^[ !#%&()*+,\-./0-9:;<=>?@A-Z[\]_a-z|~]{1,60}$/;

/**
 * PXELINUX's configuration (syslinux.cfg). It goes to `pxelinux.cfg/default` beside the boot program; the menu's program, menu.c32,
 * and libutil.c32 are there, too.
 */
export function pxelinuxConfig(starts: BootOptions | BootMenu): string {
  return lines(
    isMenu(starts)
      ? pxelinuxMenu(starts)
      : ['DEFAULT agent', 'PROMPT 0', 'TIMEOUT 0', 'LABEL agent', ...pxelinuxBoot(starts)],
  );
}

function pxelinuxMenu({ title, chosen, timeoutMs, entries }: BootMenu): string[] {
  return [
    'UI menu.c32',
    'PROMPT 0',
    // Tenths of a second.
    `TIMEOUT ${Math.ceil(timeoutMs / 100)}`,
    `MENU TITLE ${title}`,
    // A hotkey starts its entry, and does not only select it.
    'MENU IMMEDIATE',
    ...entries.flatMap(({ name, key, title: text, starts }) => [
      `LABEL ${name}`,
      `  MENU LABEL ${key === undefined ? text : `^${key.toUpperCase()}  ${text}`}`,
      ...(name === chosen ? ['  MENU DEFAULT'] : []),
      ...pxelinuxBoot(starts),
    ]),
  ];
}

const pxelinuxBoot = ({ agent, kernel = 'vmlinuz', initrd = ['agent.img'] }: BootOptions): string[] => [
  `  KERNEL ${kernel}`,
  `  INITRD ${initrd.join(',')}`,
  `  APPEND ${agentCommandLine(agent)}`,
];

/**
 * GRUB's configuration, for a UEFI client. `folder` is where kernel and initramfs are, below the server's root. Percent-encoding leaves
 * no character that GRUB's shell would take as its own.
 */
export function grubConfig(starts: BootOptions | BootMenu, folder: string): string {
  if (!isMenu(starts)) return lines([...grubBoot(starts, folder), 'boot']);
  const { chosen, timeoutMs, entries } = starts;
  return lines([
    `set timeout=${Math.ceil(timeoutMs / 1000)}`,
    `set default=${chosen}`,
    ...entries.flatMap((entry) => [
      `menuentry '${keyed(entry)}' --id ${entry.name}${entry.key === undefined ? '' : ` --hotkey=${entry.key}`} {`,
      ...grubBoot(entry.starts, folder).map((line) => `  ${line}`),
      '}',
    ]),
  ]);
}

const grubBoot = (
  { agent, processor, kernel = 'vmlinuz', initrd = ['agent.img'] }: BootOptions,
  folder: string,
): string[] => [
  `linux /${folder}/${kernel} ${agentCommandLine(agent, processor)}`,
  `initrd ${initrd.map((file) => `/${folder}/${file}`).join(' ')}`,
];

/** What iPXE does before it starts anything. */
export interface IpxeLookups {
  /** Name of a client's own script beside this one, in which iPXE fills in the MAC address; it is looked for first. */
  readonly others?: string | undefined;
  /**
   * The boot program that is to take the script, by its path below the root and what `net0/chip` is where it runs; any other iPXE, such
   * as a card's ROM, loads it.
   */
  readonly program?: { readonly chip: string; readonly file: string } | undefined;
}

/** iPXE's script. Kernel and initramfs are beside it. */
export function ipxeScript(starts: BootOptions | BootMenu, { others, program }: IpxeLookups = {}): string {
  return lines([
    '#!ipxe',
    ...(others === undefined ? [] : [`chain --autofree ${others} ||`]),
    ...(program === undefined ? [] : [`iseq \${net0/chip} ${program.chip} || chain /${program.file}`]),
    ...(isMenu(starts) ? ipxeMenu(starts) : ipxeBoot(starts)),
  ]);
}

function ipxeMenu({ title, chosen, timeoutMs, entries }: BootMenu): string[] {
  return [
    `menu ${title}`,
    ...entries.map(
      (entry) => `item ${entry.key === undefined ? '' : `--key ${entry.key} `}${entry.name} ${keyed(entry)}`,
    ),
    // Escape chooses nothing.
    `choose --timeout ${timeoutMs} --default ${chosen} entry || set entry ${chosen}`,
    'goto ${entry}',
    ...entries.flatMap(({ name, starts }) => [`:${name}`, ...ipxeBoot(starts)]),
  ];
}

const ipxeBoot = ({ agent, processor, kernel = 'vmlinuz', initrd = ['agent.img'] }: BootOptions): string[] => [
  `kernel ${kernel} ${agentCommandLine(agent, processor)}`,
  ...initrd.map((file) => `initrd ${file}`),
  'boot',
];

/** An entry's text with its key before it, where the boot program does not mark one. */
const keyed = ({ key, title }: MenuEntry): string => (key === undefined ? title : `${key.toUpperCase()}  ${title}`);

const isMenu = (starts: BootOptions | BootMenu): starts is BootMenu => 'entries' in starts;

const lines = (all: readonly string[]): string => [...all, ''].join('\n');
