"""Says one hostile thing to an SMB server and tells what came of it: hostile-smb.py SERVER WHAT

The negotiate in front is impacket's, the rest is bytes by hand: no client library can be made to say them.
"""
import socket
import struct
import sys
from impacket.smb3structs import SMB2Packet, SMB2Negotiate, SMB2_NEGOTIATE, SMB2_DIALECT_21


def message(body):
    return struct.pack('>I', len(body)) + body


def negotiate():
    ask = SMB2Negotiate()
    ask['DialectCount'] = 1
    ask['SecurityMode'] = 1
    ask['Capabilities'] = 0
    ask['ClientGuid'] = b'p' * 16
    ask['Dialects'] = [SMB2_DIALECT_21]
    packet = SMB2Packet()
    packet['Command'] = SMB2_NEGOTIATE
    packet['MessageID'] = 0
    packet['Data'] = ask
    return message(packet.getData())


SESSION_SETUP, ECHO = 1, 13


def request(command, message_id, next_command=0):
    header = struct.pack('<4sHHIHHIIQIIQ16s', b'\xfeSMB', 64, 1, 0, command, 1, 0, next_command, message_id, 0xfeff, 0, 0, b'\0' * 16)
    return header + struct.pack('<HH', 4, 0)


def padded(body):
    return body + b'\0' * (-len(body) % 8)


HOSTILE = {
    # MS-SMB2 2.2.1.2: NextCommand counts from the start of its own header, so that these lead into it or back.
    'compound-into-itself': message(request(ECHO, 1, 8) + request(ECHO, 2)),
    'compound-backwards': message(padded(request(ECHO, 1, 0xfffffff8)) + request(ECHO, 2)),
    'compound-beyond-the-end': message(padded(request(ECHO, 1, 4096)) + request(ECHO, 2)),
    'compound-of-a-thousand': message(b''.join(padded(request(ECHO, i, 72)) for i in range(1, 1000)) + request(ECHO, 1000)),
    'oversize': b'\0\xff\xff\xff' + request(SESSION_SETUP, 1) + b'\0' * 100_000,
    'encrypted-without-a-key': message(b'\xfdSMB' + b'\0' * 12 + struct.pack('<IHHQ', 60, 0, 1, 0x1122334455667788) + b'\0' * 80),
    'no-smb': message(b'GET / HTTP/1.0\r\n\r\n'),
    'half-a-message': message(request(ECHO, 1))[:40],
}

server, what = sys.argv[1:]
connection = socket.create_connection((server, 445), timeout=10)
connection.sendall(negotiate())
connection.recv(65536)
connection.sendall(HOSTILE[what])
if what == 'half-a-message':
    # The host vanishes: whoever started this takes its network away.
    print('half a message sent', flush=True)
    sys.stdin.read()
connection.settimeout(3)
try:
    print('answered' if connection.recv(65536) else 'closed')
except socket.timeout:
    print('silent')
except ConnectionResetError:
    print('reset')
