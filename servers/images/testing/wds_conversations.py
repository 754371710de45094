"""What impacket sees of a control service: a JSON object of results by case. Arguments: ADDRESS, a known MAC and UUID."""
import json
import socket
import struct
import sys

from impacket.dcerpc.v5 import epm, transport
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_WINNT
from impacket.uuid import uuidtup_to_bin
from wds_client import DRIVERS, PASSWORD, USER, WDS, BLOB, connect, packet, request, stub, ulong, variable, wide

address, mac, guid = sys.argv[1:4]
BINDING = f'ncacn_ip_tcp:{address}[5040]'
CONNECT, INTEGRITY, PRIVACY = 2, 5, 6
client = [wide('CLIENT_MAC', '0' * 20 + mac.replace(':', '')), wide('CLIENT_GUID', guid.replace('-', ''))]
stranger = [wide('CLIENT_MAC', '00-50-56-00-00-01'), wide('CLIENT_GUID', '{11223344-5566-7757-8058-c2c04f503931}')]
log = [ulong('ARCHITECTURE', 9), wide('CLIENT_ADDRESS', '172.22.52.222'), wide('CLIENT_MAC', mac), wide('CLIENT_UUID', guid)]
results = {}


def case(name, run):
    try:
        results[name] = run()
    except Exception as error:
        results[name] = {'raised': str(error)}


def anonymous():
    dce = connect(BINDING)
    started = request(dce, 3)
    transaction = wide('TRANSACTION_ID', started['variables']['TRANSACTION_ID'])
    return {
        'init': started,
        'message': request(dce, 4, ulong('MESSAGE_TYPE', 2), transaction, *log, wide('VER_CLIENT_AUTO', '6.1'), wide('VER_OS_AUTO', '6.1')),
        'incomplete message': request(dce, 4, ulong('MESSAGE_TYPE', 4), transaction, *log),
        'unknown message': request(dce, 4, ulong('MESSAGE_TYPE', 99), transaction, *log),
        'answer file': request(dce, 5, ulong('ARCHITECTURE', 9), variable('FIRMWARE', 1, b'\1'), *client),
        'answer file of its architecture': request(dce, 5, ulong('ARCHITECTURE', 9), *stranger),
        'no answer file': request(dce, 5, ulong('ARCHITECTURE', 0), *stranger),
        'images': request(dce, 2),
        'no such operation': request(dce, 99),
        'no such service': request(dce, 3, endpoint='00000000-0000-0000-0000-000000000001'),
    }


def everything(dce):
    devices = [ulong('DpF', 3), ulong('Mi.D.Cnt', 1), ulong('Mi.D.VL[0].H.Cnt', 1), wide('Mi.D.VL[0].H.VL[0]', 'PCI\\VEN_10EC&DEV_8139&SUBSYS_11001AF4&REV_20'), variable('MA', BLOB, bytes.fromhex(mac.replace(':', '')))]
    return {
        'images': request(dce, 2),
        'images, version 2': request(dce, 2, ulong('CC', 1)),
        'variables': request(dce, 6, *client),
        'variables of a stranger': request(dce, 6, *stranger),
        'join': request(dce, 7, *client),
        'join of a stranger': request(dce, 7, *stranger),
        'drivers': request(dce, 0xc8, *devices, endpoint=DRIVERS),
        'no MAC address': request(dce, 6, wide('CLIENT_MAC', 'nonsense'), wide('CLIENT_GUID', guid)),
        'reset': request(dce, 8, *client),
    }


def alter_context():
    """The reference trace's way: bound as nobody, then a security context is added to the connection."""
    rpc = transport.DCERPCTransportFactory(BINDING)
    rpc.set_credentials(USER, PASSWORD, 'SYSTEM')
    dce = rpc.get_dce_rpc()
    dce.connect()
    dce.bind(WDS)
    before = request(dce, 6, *client)
    dce.set_credentials(USER, PASSWORD, 'SYSTEM')
    dce.set_auth_type(RPC_C_AUTHN_WINNT)
    dce.set_auth_level(PRIVACY)
    return {'before': before, 'after': request(dce.alter_ctx(WDS), 6, *client)}


def fragments(level):
    dce = connect(BINDING, level)
    dce.set_max_fragment_size(16)
    return request(dce, 3, wide('UNKNOWN', 'x' * 3000))


def raw(data):
    """The type of each PDU that comes back, with a fault's status, and whether the server then closes."""
    with socket.create_connection((address, 5040), 10) as connection:
        connection.settimeout(10)
        connection.sendall(data)
        answer = b''
        while chunk := connection.recv(65536):
            answer += chunk
    at, seen = 0, []
    while at < len(answer):
        kind, = struct.unpack_from('<B', answer, at + 2)
        length, = struct.unpack_from('<H', answer, at + 8)
        seen.append('%d:%08x' % (kind, struct.unpack_from('<L', answer, at + 24)[0]) if kind == 3 else str(kind))
        at += length
    return seen


def header(kind, length, call=1, flags=3, version=5):
    return struct.pack('<BBBBLHHL', version, 0, kind, flags, 0x10, length, 0, call)


def bind_pdu():
    body = struct.pack('<HHLB3x', 5840, 5840, 0, 1) + struct.pack('<HBx', 0, 1) + WDS + uuidtup_to_bin(('8a885d04-1ceb-11c9-9fe8-08002b104860', '2.0'))
    return header(11, 16 + len(body)) + body


def call_pdu(data, flags=3, call=2, opnum=0, context=0):
    body = struct.pack('<LHH', len(data), context, opnum) + data
    return header(0, 16 + len(body), call, flags) + body


def rejected(data):
    dce = connect(BINDING)
    dce.call(*data)
    return dce.recv().hex()


case('anonymous', anonymous)
case('at level connect', lambda: request(connect(BINDING, CONNECT), 3))
case('at level integrity', lambda: request(connect(BINDING, INTEGRITY), 3))
case('as a user', lambda: everything(connect(BINDING, PRIVACY)))
case('alter context', alter_context)
for level in (1, PRIVACY):
    case(f'fragments at level {level}', lambda: fragments(level))
case('wrong password', lambda: request(connect(BINDING, PRIVACY, password='wrong'), 2))
case('unknown user', lambda: request(connect(BINDING, PRIVACY, user='nobody'), 2))
case('locked user', lambda: request(connect(BINDING, PRIVACY, user='locked', password='Locked.1'), 2))
case('wrong interface', lambda: connect(BINDING, interface=uuidtup_to_bin(('12345678-1234-abcd-ef00-0123456789ab', '1.0'))))
case('newer interface', lambda: connect(BINDING, interface=uuidtup_to_bin(('1a927394-352e-4553-ae3f-7cf4aafca620', '2.0'))))
case('several contexts', lambda: connect(BINDING, bind=False).bind(WDS, bogus_binds=3) is not None)
case('only NDR64', lambda: connect(BINDING, bind=False).bind(WDS, transfer_syntax=('71710533-beba-4937-8319-b5dbef9ccc36', '1.0')))
case('stub that lies', lambda: rejected((0, struct.pack('<LL', 500, 500) + b'x' * 8)))
case('stub that is cut', lambda: rejected((0, b'\1\0')))
case('packet that is none', lambda: rejected((0, stub(b'\0' * 64))))
case('variable that lies', lambda: rejected((0, stub(packet(3, [ulong('VERSION', 1)[:72] + b'\xff\xff\0\0' + ulong('VERSION', 1)[76:]])))))
case('variable that is there twice', lambda: request(connect(BINDING), 3, ulong('version', 1)))
case('opnum 1', lambda: rejected((1, b'')))
case('request before bind', lambda: raw(call_pdu(b'')))
case('second bind', lambda: raw(bind_pdu() * 2))
case('unknown context', lambda: raw(bind_pdu() + call_pdu(b'', context=7) + header(17, 16)))
case('oversized fragment', lambda: raw(bind_pdu() + header(0, 6000, 2)))
case('later fragment first', lambda: raw(bind_pdu() + call_pdu(b'x', flags=2)))
case('two calls interleaved', lambda: raw(bind_pdu() + call_pdu(b'x', flags=1) + call_pdu(b'y', flags=1, call=3)))
case('request too large', lambda: raw(bind_pdu() + call_pdu(b'x' * 5000, flags=1) + call_pdu(b'x' * 5000, flags=0) * 30))
case('version 4', lambda: raw(header(11, 16, version=4)))
case('no RPC', lambda: raw(b'GET / HTTP/1.1\r\nHost: wds\r\n\r\n'))
case('auth length outside the fragment', lambda: raw(bind_pdu()[:10] + b'\xff\xff' + bind_pdu()[12:]))


def mapped(interface):
    return epm.hept_map(address, interface, protocol='ncacn_ip_tcp')


def lookup():
    dce = connect(f'ncacn_ip_tcp:{address}[135]', bind=False)
    return len(epm.hept_lookup(None, dce=dce))


case('endpoint of the control service', lambda: mapped(WDS))
case('request to the mapped endpoint', lambda: request(connect(epm.hept_map(address, WDS, protocol='ncacn_ip_tcp'), PRIVACY), 3)['code'])
case('endpoint of another interface', lambda: mapped(uuidtup_to_bin(('12345678-1234-abcd-ef00-0123456789ab', '1.0'))))
case('endpoint lookup', lookup)
print(json.dumps(results))
