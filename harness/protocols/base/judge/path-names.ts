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

// Names that boot programs ask for and that need not exist.
const PROBES: readonly RegExp[] = [
  // PXELINUX: UUID, MAC, address in hex shorter and shorter, then `default` (syslinux doc/pxelinux.txt).
  /(^|\/)pxelinux\.cfg\//,
  // GRUB: grub.cfg-01-<mac>, grub.cfg-<hex address>, module lists and translations (grub-core/net/net.c,
  // normal/main.c).
  /(^|\/)grub\.cfg-/,
  /\.(lst|gmo|mo)$/,
  // iPXE looks for a script beside the program that it was loaded from.
  /(^|\/)autoexec\.ipxe$/,
  // shim: optional certificates and revocations.
  /(^|\/)(shim_certificate|revocations)[^/]*\.efi$/,
];

/** Whether a boot program asks for this name only to see whether it exists. */
export function isProbeName(path: string): boolean {
  const name = comparablePath(path);
  return PROBES.some((probe) => probe.test(name));
}

// Where boot programs look for what to boot; PXELINUX and GRUB try a list of names and take the first that is there.
const CONFIGURATIONS: Readonly<Record<string, RegExp>> = {
  PXELINUX: /(^|\/)pxelinux\.cfg\//,
  GRUB: /(^|\/)grub\.cfg(-[^/]*)?$/,
  iPXE: /\.ipxe$/,
};

/** The boot program whose configuration has such a name; undefined for any other file. */
export function configuredBy(path: string): string | undefined {
  const name = comparablePath(path);
  return Object.entries(CONFIGURATIONS).find(([, names]) => names.test(name))?.[0];
}

/**
 * File names that hold images, as far as the name says (harness/docs/protocols.md 5.3); others become images when their
 * header is seen.
 */
export function isImageName(path: string): boolean {
  return /\.(wim|esd|swm|rwm)$/i.test(path);
}
