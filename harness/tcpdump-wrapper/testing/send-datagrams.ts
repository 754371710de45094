// Sends COUNT numbered UDP datagrams of SIZE bytes to HOST PORT, each handed to the kernel before the next.

import { createSocket } from 'node:dgram';

const [host = '', port = '', count = '', size = ''] = process.argv.slice(2);
const socket = createSocket('udp4');
const payload = Buffer.alloc(Number(size));
for (let number = 1; number <= Number(count); number++) {
  payload.writeUInt32BE(number, 0);
  await new Promise<void>((resolve, reject) =>
    socket.send(payload, Number(port), host, (error) => (error === null ? resolve() : reject(error))),
  );
}
socket.close();
