/** State of a listening TCP socket in /proc/net/tcp (net/tcp_states.h). */
const TCP_LISTEN = '0A';

/**
 * Whether a socket listens on a port, by the text of /proc/PID/net/udp, tcp, udp6 or tcp6 (proc_pid_net(5)): after the
 * heading one line a socket, `sl local_address rem_address st …`, with port and state in hexadecimal.
 */
export function listensOn(kind: 'udp' | 'tcp', text: string, port: number): boolean {
  return text
    .split('\n')
    .slice(1)
    .some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return Number.parseInt(local.split(':').at(-1) ?? '', 16) === port && (kind === 'udp' || state === TCP_LISTEN);
    });
}
