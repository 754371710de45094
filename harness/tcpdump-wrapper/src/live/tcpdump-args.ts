/**
 * Bytes that a frame keeps by default: 65 536, the largest frame that segmentation offload hands to a bridge or tap, +
 * 14 Ethernet + 8 for two VLAN tags. It cuts nothing, and it is not tcpdump's own 262 144 because libpcap gives each
 * frame a slot of this size in immediate mode: with 32 MiB and 262 144 the kernel dropped 1 455 of 50 000 frames of one
 * burst.
 */
export const DEFAULT_SNAP_LENGTH = 65_536 + 14 + 8;

/** Kernel buffer in KiB: about 2 000 slots of the default length; the burst of 50 000 frames above then lost none. */
export const DEFAULT_BUFFER_KIB = 128 * 1024;

/** What to capture. */
export interface TcpdumpSpec {
  readonly interface: string;
  /** Bytes that a frame keeps at most; 0 for tcpdump's own 262 144. Default {@link DEFAULT_SNAP_LENGTH}. */
  readonly snapLength?: number;
  /** A filter in the words of pcap-filter(7). */
  readonly filter?: string;
  /** Size of the kernel's buffer in KiB. Default {@link DEFAULT_BUFFER_KIB}. */
  readonly bufferKiB?: number;
  /**
   * Frames are delivered as they come; false packs them tightly and delivers them up to a second late. Default true.
   */
  readonly immediate?: boolean;
  /**
   * Whom tcpdump becomes once it listens (-Z). Default: what it was built with, `tcpdump` in Debian, which a user
   * namespace may not know.
   */
  readonly user?: string;
  /**
   * A program that runs tcpdump somewhere else, e.g. `['nsenter', '--net=/run/netns/x']`. It must exec, not fork:
   * signals go to its pid.
   */
  readonly argvPrefix?: readonly string[];
}

/** The whole command line, so that a person can run it by hand. */
export function tcpdumpArgs(spec: TcpdumpSpec): string[] {
  const {
    snapLength = DEFAULT_SNAP_LENGTH,
    bufferKiB = DEFAULT_BUFFER_KIB,
    immediate = true,
    argvPrefix = [],
    filter,
    user,
  } = spec;
  return [
    ...argvPrefix,
    'tcpdump',
    '-i',
    spec.interface,
    // -n: no name is ever looked up. -U: each frame leaves at once. -w -: the pcap format on standard output.
    '-n',
    '-U',
    '-w',
    '-',
    '-s',
    String(snapLength),
    '-B',
    String(bufferKiB),
    ...(immediate ? ['--immediate-mode'] : []),
    ...(user === undefined ? [] : ['-Z', user]),
    // After --, so that a filter can never be read as an option.
    ...(filter === undefined ? [] : ['--', filter]),
  ];
}
