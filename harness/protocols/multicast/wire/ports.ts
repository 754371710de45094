/** Where receivers listen; senders listen on the port above (udpcast's `--portbase`). */
export const RECEIVER_PORT = 9000;
export const SENDER_PORT = RECEIVER_PORT + 1;
