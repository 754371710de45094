/** A path that differs on every disk, and whose work it is. */
export interface IgnoredPath {
  /** A glob pattern; picomatch says what it matches. */
  readonly pattern: string;
  readonly why: string;
}

/**
 * What no comparison of a disk looks at. The system that was installed has not started yet when its disk is compared, so
 * these are the file system's and the boot loader's own, and what Windows makes anew (wimlib leaves the same out of a
 * capture, wimlib-imagex-capture(1)).
 */
export const IGNORED_PATHS: readonly IgnoredPath[] = [
  { pattern: '/lost+found', why: "ext4's own folder" },
  { pattern: '/boot/ldlinux.{sys,c32}', why: 'EXTLINUX, which stores its block addresses' },
  { pattern: '/{pagefile,hiberfil,swapfile}.sys', why: "Windows' swap and hibernation files" },
  { pattern: '/System Volume Information/**', why: "Windows' restore points and indexes" },
  { pattern: '/$Recycle.Bin/**', why: "Windows' deleted files" },
];

/** The key of a joined computer (krb5.conf(5), `default_keytab_name`); ignored where the scenario wants it joined. */
export const KEYTAB = '/etc/krb5.keytab';
