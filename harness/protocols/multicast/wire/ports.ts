/** Where receivers listen by default; senders listen on the port above (udpcast's `--portbase`). */
export const RECEIVER_PORT = 9000;
export const SENDER_PORT = RECEIVER_PORT + 1;

/** Both ports of a port base that a scenario sets. */
export const portsOfBase = (base: number): readonly number[] => [base, base + 1];
