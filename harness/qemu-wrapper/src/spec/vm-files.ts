/**
 * Names of the files of a running VM, relative to its folder, which is QEMU's working directory: a path of a unix
 * socket may have no more than 107 bytes (unix(7)), which the folder of a run easily passes.
 */
export const VM_FILES = {
  qmpSocket: 'qmp.sock',
  guestAgentSocket: 'guest-agent.sock',
  firmwareVars: 'firmware-vars.fd',
  /** What the TPM keeps: its keys and its counters. */
  tpmState: 'tpm',
  tpmSocket: 'tpm.sock',
  /** Written by swtpm as soon as its socket listens. */
  tpmPid: 'tpm.pid',
  /** What was said to it, written by swtpm. */
  tpmLog: 'tpm.log',
  /** What QEMU's own option for a serial port names; to that it adds an ending for each of the two pipes. */
  serialPort: (port: number) => `serial${port}`,
  serialPipes: (port: number) => ({ toVm: `serial${port}.in`, fromVm: `serial${port}.out` }),
  /** QEMU itself writes it: every byte that the pipe took. */
  serialLog: (port: number) => `serial${port}.log`,
} as const;
