/**
 * Longest waits in milliseconds when a plan says nothing. The names of phases (`firmware`, `dhcp`, `proxy`, `nbp`,
 * `kernel`, `os`, `authentication`, `image`) may be overridden by a plan's budgets; the others are waits inside a
 * phase.
 */
export const DEFAULT_BUDGETS_MS = {
  /**
   * Power-on to the first DISCOVER: 3 s under TCG for SeaBIOS and OVMF, 6 s on arm64; a minute leaves room for a busy
   * host.
   */
  firmware: 60_000,
  /** EDK2 sends DISCOVER with timeouts of 4, 8, 16 and 32 s and then gives up; iPXE already after 15 s. */
  dhcp: 60_000,
  /** EDK2 asks port 4011 with timeouts of 1, 2, 3 and 4 s and then gives up; iPXE after 3.75 s. */
  proxy: 10_000,
  /** A proxy offer to the question on port 4011: the client first finishes its DHCP, up to a minute. */
  'proxy-request': 60_000,
  /** A boot program's next question while an administrator decides: WDS tells it to ask every 10 s. */
  approval: 60_000,
  /** Address to complete boot file: EDK2 tries an open six times, 4 s each, before it gives up. */
  nbp: 60_000,
  /** Boot file to the last file that the network boot program fetches: 17.5 MB took 10 s at TCG's 2 MB/s. */
  kernel: 300_000,
  /**
   * Last boot transfer to the first frame of what was booted: 3 s under TCG; slow links wait for the port to forward.
   */
  os: 60_000,
  /** First SMB packet to the share: under a second in practice. */
  authentication: 60_000,
  /** The image itself: 4 GiB at 10 MB/s. */
  image: 420_000,
  /** An ARP answer: iPXE doubles from 0.25 s and gives up beyond 10 s. */
  arp: 10_000,
  /** The first answer to a read request: as for nbp, six tries of 4 s. */
  tftp: 30_000,
  /** A transfer that has begun. */
  transfer: 300_000,
  /** An answer to an HTTP request. */
  http: 30_000,
  /** SYN to SYN/ACK: Linux and Windows send at 0, 1, 3 and 7 s. */
  connect: 15_000,
  /** A KDC's answer: MIT's and Windows' clients give up after three tries, some ten seconds. */
  kerberos: 15_000,
  /** Any SMB answer; clients send ECHO after 60 s of silence. */
  smb: 30_000,
  /** Any answer over RPC. */
  rpc: 30_000,
  /** How long a client that found nothing may stay silent before it counts as having given up. */
  'smb-search': 30_000,
} as const;

/** A wait that a machine's state may name. */
export type BudgetName = keyof typeof DEFAULT_BUDGETS_MS;
