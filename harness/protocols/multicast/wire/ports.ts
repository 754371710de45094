/** Where receivers listen by default; senders listen on the port above (udpcast's `--portbase`). */
export const RECEIVER_PORT = 9000;

/** Both ports of a port base. */
export const portsOfBase = (base: number): readonly number[] => [base, base + 1];
