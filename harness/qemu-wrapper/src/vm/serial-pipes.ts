import { execa } from 'execa';
import { constants, open } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { VM_FILES } from '../spec/vm-files.ts';

/** The two ends of a serial port that are not QEMU's. */
export interface SerialPipes {
  /** What the VM writes. Ends with the VM. */
  readonly fromVm: Socket;
  readonly toVm: Socket;
}

/** Makes the pipes (fifo(7)) that QEMU opens for serial ports, in the VM's folder, instead of those of an earlier VM. */
export async function makeSerialPipes(folder: string, ports: number): Promise<void> {
  const pipes = Array.from({ length: ports }, (_, port) => Object.values(VM_FILES.serialPipes(port))).flat();
  for (const pipe of pipes) await rm(path.join(folder, pipe), { force: true });
  if (pipes.length > 0) await execa('mkfifo', ['--', ...pipes], { cwd: folder });
}

/** Opens a serial port of a QEMU that has opened its own ends: a pipe that nobody writes to would end at once. */
export async function openSerialPipes(folder: string, port: number): Promise<SerialPipes> {
  const files = VM_FILES.serialPipes(port);
  const toVm = await openPipe(path.join(folder, files.toVm), 'write');
  const fromVm = await openPipe(path.join(folder, files.fromVm), 'read');
  return { fromVm, toVm };
}

/** Without O_NONBLOCK, a read that waits would hold one of Node's few threads. */
async function openPipe(file: string, how: 'read' | 'write'): Promise<Socket> {
  const mode = how === 'read' ? constants.O_RDONLY : constants.O_WRONLY;
  const fd = await promisify(open)(file, mode | constants.O_NONBLOCK);
  return new Socket({ fd, readable: how === 'read', writable: how === 'write' });
}
