/**
 * Names of the files of a running VM, relative to its folder, which is QEMU's working directory: a path of a unix
 * socket may have no more than 107 bytes (unix(7)), which the folder of a run easily passes.
 */
export const VM_FILES = {
  qmpSocket: 'qmp.sock',
  firmwareVars: 'firmware-vars.fd',
  serialSocket: (port: number) => `serial${port}.sock`,
  /** Written by QEMU itself, so it is complete whoever reads the socket, or nobody. */
  serialLog: (port: number) => `serial${port}.log`,
} as const;
