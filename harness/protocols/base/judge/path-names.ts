/** A path that a scenario names: literally, or by a regular expression. */
export type PathPattern = string | { readonly matches: string };

/**
 * The form in which two paths are compared: clients write either slash, any case, with or without a leading one (proven
 * on wdsnbp, EDK2, PXELINUX).
 */
export function comparablePath(path: string): string {
  return path
    .replace(/[\\/]+/g, '/')
    .replace(/^\//, '')
    .toLowerCase();
}

/** Whether two paths name the same file to a boot client. */
export function samePath(one: string, other: string): boolean {
  return comparablePath(one) === comparablePath(other);
}

/**
 * Whether `text` matches a user's regular expression; a broken one matches nothing (the scenario stage refuses it with
 * its place).
 */
export function matchesPattern(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(text);
  } catch {
    return false;
  }
}

/** Whether a scenario counts on this path. */
export function isExpectedPath(path: string, patterns: readonly PathPattern[]): boolean {
  return patterns.some((pattern) =>
    typeof pattern === 'string' ? samePath(path, pattern) : matchesPattern(path, pattern.matches),
  );
}

/** Names that a boot program asks for by itself. */
interface OwnNames {
  readonly program: string;
  /** Matches the comparable form. */
  readonly names: RegExp;
  /** The program reads there what it boots. */
  readonly configures?: true;
  /** It asks only to see whether the file exists: that a server lacks it is no fault. */
  readonly probes?: true;
  /** What it does when the server lacks the file; absent where the script that named it says that. */
  readonly withoutIt?: 'tries another name' | 'goes on' | 'stops';
}

// Of several that match the first one counts.
const OWN_NAMES: readonly OwnNames[] = [
  // UUID, MAC, address in hex shorter and shorter, then `default` (syslinux doc/pxelinux.txt).
  {
    program: 'PXELINUX',
    names: /(^|\/)pxelinux\.cfg\/default$/,
    configures: true,
    probes: true,
    withoutIt: 'stops',
  },
  {
    program: 'PXELINUX',
    names: /(^|\/)pxelinux\.cfg\//,
    configures: true,
    probes: true,
    withoutIt: 'tries another name',
  },
  // grub.cfg-01-<mac>, grub.cfg-<hex address>, then grub.cfg (grub-core/net/net.c).
  { program: 'GRUB', names: /(^|\/)grub\.cfg-/, configures: true, probes: true, withoutIt: 'tries another name' },
  { program: 'GRUB', names: /(^|\/)grub\.cfg$/, configures: true, withoutIt: 'stops' },
  // Module lists and translations (grub-core/normal/main.c).
  { program: 'GRUB', names: /\.(lst|gmo|mo)$/, probes: true, withoutIt: 'goes on' },
  // A script beside the program; without it iPXE goes on with DHCP.
  { program: 'iPXE', names: /(^|\/)autoexec\.ipxe$/, configures: true, probes: true, withoutIt: 'goes on' },
  // A client's own script beside the common one, as the bundled script of iPXE looks for it (harness/plan/trees.ts).
  {
    program: 'iPXE',
    names: /\.ipxe-01(-[0-9a-f]{2}){6}$/,
    configures: true,
    probes: true,
    withoutIt: 'goes on',
  },
  { program: 'iPXE', names: /\.ipxe$/, configures: true },
  // Optional certificates and revocations.
  {
    program: 'shim',
    names: /(^|\/)(shim_certificate|revocations)[^/]*\.efi$/,
    probes: true,
    withoutIt: 'goes on',
  },
];

function ownNames(path: string): OwnNames | undefined {
  const name = comparablePath(path);
  return OWN_NAMES.find(({ names }) => names.test(name));
}

/** Whether a boot program asks for this name only to see whether it exists. */
export function isProbeName(path: string): boolean {
  return ownNames(path)?.probes === true;
}

/** The boot program whose configuration has such a name; undefined for any other file. */
export function configuredBy(path: string): string | undefined {
  const own = ownNames(path);
  return own?.configures ? own.program : undefined;
}

/** Whether a boot program that does not find this configuration goes on as if it needed none. */
export function isOptionalConfiguration(path: string): boolean {
  const own = ownNames(path);
  return own?.configures === true && own.withoutIt === 'goes on';
}

/** Whether a boot program that does not find this configuration has no other place to look, and stops. */
export function isLastConfiguration(path: string): boolean {
  const own = ownNames(path);
  return own?.configures === true && own.withoutIt === 'stops';
}

/**
 * File names that hold images, as far as the name says (harness/docs/protocols.md 5.3); others become images when their
 * header is seen.
 */
export function isImageName(path: string): boolean {
  return /\.(wim|esd|swm|rwm)$/i.test(path);
}
