"""lose-answer.py ADDRESS PORT SERVER-ADDRESS SERVER-PORT: stands before restic's server. It loses the first answer to a pack that was
sent, ends all connections with it, and listens again after half a second, as when the server's host dies at that moment and comes
back. Writes the port where it listens; 0 is any."""

import asyncio
import sys

address, port, *server = sys.argv[1:]
lost = False
clients = set()


async def accept(reader, writer):
    clients.add(writer)
    from_server, to_server = await asyncio.open_connection(*server)
    sends_pack = False

    async def requests():
        nonlocal sends_pack
        while data := await reader.read(65536):
            if data.startswith((b'GET ', b'HEAD ', b'POST ', b'DELETE ')):
                sends_pack = data.startswith(b'POST /data/')
            to_server.write(data)
            await to_server.drain()
        to_server.close()

    async def answers():
        while data := await from_server.read(65536):
            if sends_pack and not lost:
                await lose()
                return
            writer.write(data)
            await writer.drain()
        writer.close()

    await asyncio.gather(requests(), answers(), return_exceptions=True)
    to_server.close()
    clients.discard(writer)


async def lose():
    global lost
    lost = True
    listener.close()
    for client in clients:
        client.transport.abort()
    await asyncio.sleep(0.5)
    await listen()


async def listen():
    global listener, port
    listener = await asyncio.start_server(accept, address, port)
    port = listener.sockets[0].getsockname()[1]


async def main():
    await listen()
    print(port, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
