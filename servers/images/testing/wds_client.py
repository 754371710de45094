"""A WDS control client over impacket's DCE/RPC, written from MS-WDSC: packets, variables and stubs are its own."""
import struct
import uuid

from impacket.dcerpc.v5 import transport
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_WINNT
from impacket.uuid import uuidtup_to_bin

WDS = uuidtup_to_bin(('1a927394-352e-4553-ae3f-7cf4aafca620', '1.0'))
DEPLOYMENT = 'd8deeb5a-effd-43b2-99fc-1a8a5921c227'
DRIVERS = '011d24ac-cb3a-4739-a339-5d2e1b5306ce'
USER, PASSWORD, DOMAIN = 'administrateur', 'Passw0rd.lab', 'SYSTEM'
BYTE, ULONG, ULONG64, WSTRING, BLOB = 1, 4, 8, 0x20, 0x40


def variable(name, kind, value):
    block = name.encode('utf-16le').ljust(68, b'\0') + struct.pack('<LLL', kind, len(value), 0) + value
    # One byte of padding at least, as the known clients write it.
    return block + b'\0' * (16 - len(block) % 16)


def ulong(name, value):
    return variable(name, ULONG, struct.pack('<L', value))


def wide(name, value):
    return variable(name, WSTRING, (value + '\0').encode('utf-16le'))


def packet(operation, variables, endpoint=DEPLOYMENT):
    body = b''.join(variables)
    header = struct.pack('<HHL', 40, 0x100, 16 + len(body)) + uuid.UUID(endpoint).bytes_le + b'\0' * 16
    return header + struct.pack('<LHBBLL', 16 + len(body), 0x100, 1, 0, operation, len(variables)) + body


def stub(data):
    return struct.pack('<LL', len(data), len(data)) + data


def reply(answer):
    """The method's return value, or error code and variables of the packet."""
    size, pointer = struct.unpack_from('<LL', answer)
    if pointer == 0:
        return {'returned': struct.unpack_from('<L', answer, 8)[0]}
    data = answer[12:12 + size]
    code, count = struct.unpack_from('<LL', data, 48)
    at, variables = 56, {}
    for _ in range(count):
        name = data[at:at + 66].decode('utf-16le').split('\0')[0]
        kind, length, _ = struct.unpack_from('<LLL', data, at + 68)
        value = data[at + 80:at + 80 + length]
        if kind in (BYTE, 2, ULONG, ULONG64):
            variables[name] = int.from_bytes(value, 'little')
        elif kind == WSTRING:
            variables[name] = value.decode('utf-16le').rstrip('\0')
        else:
            variables[name] = value.hex()
        at += (80 + length + 15) // 16 * 16
    return {'code': code, 'variables': variables}


def connect(binding, level=1, user=USER, password=PASSWORD, interface=WDS, bind=True):
    rpc = transport.DCERPCTransportFactory(binding)
    if level > 1:
        rpc.set_credentials(user, password, DOMAIN)
    rpc.set_connect_timeout(10)
    dce = rpc.get_dce_rpc()
    if level > 1:
        dce.set_auth_type(RPC_C_AUTHN_WINNT)
        dce.set_auth_level(level)
    dce.connect()
    if bind:
        dce.bind(interface)
    return dce


def request(dce, operation, *variables, endpoint=DEPLOYMENT):
    dce.call(0, stub(packet(operation, [ulong('VERSION', 1), *variables], endpoint)))
    return reply(dce.recv())
