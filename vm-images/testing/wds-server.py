#!/usr/bin/python3
"""A WDS control service for one test: impacket supplies NTLM, its keys and the endpoint mapper's structures; the rest is struct.

Usage: wds-server.py DOMAIN USER PASSWORD [hostile]. Listens on 127.0.0.1, TCP 135 and 5040, until its standard input ends.
Writes a JSON line when it is ready and for every request: operation, whether it came sealed, variables.
Hostile: corrupts one answer of every conversation and sends nothing after it; the number of the conversation determines which
answer and how.
"""
import hmac
import itertools
import json
import os
import random
import socket
import struct
import sys
import threading

from Cryptodome.Cipher import ARC4
from impacket import ntlm
from impacket.dcerpc.v5 import epm

DOMAIN, USER, PASSWORD = sys.argv[1:4]
HOSTILE = sys.argv[4:] == ["hostile"]
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
REQUEST, RESPONSE, FAULT, BIND, BIND_ACK, ALTER, ALTER_RESPONSE, AUTH3 = 0, 2, 3, 11, 12, 14, 15, 16
FLAGS = (ntlm.NTLMSSP_NEGOTIATE_UNICODE | ntlm.NTLMSSP_REQUEST_TARGET | ntlm.NTLMSSP_NEGOTIATE_SIGN | ntlm.NTLMSSP_NEGOTIATE_SEAL | ntlm.NTLMSSP_NEGOTIATE_NTLM
         | ntlm.NTLMSSP_NEGOTIATE_ALWAYS_SIGN | ntlm.NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | ntlm.NTLMSSP_NEGOTIATE_TARGET_INFO | ntlm.NTLMSSP_NEGOTIATE_128
         | ntlm.NTLMSSP_NEGOTIATE_KEY_EXCH | ntlm.NTLMSSP_TARGET_TYPE_DOMAIN)


def say(**record):
    print(json.dumps(record), flush=True)


def variable(name, kind, value):
    block = name.encode("utf-16-le").ljust(66, b"\0") + struct.pack("<HIII", 0, kind, len(value), 0) + value
    return block + bytes(16 - len(block) % 16)


def text(value):
    return (value + "\0").encode("utf-16-le")


ANSWERS = {
    3: [("VERSION", 4, struct.pack("<I", 1)), ("LOGLEVEL", 4, struct.pack("<I", 3)), ("TRANSACTION_ID", 0x20, text("{9D5E6F3C-0000-4000-8000-0123456789AB}"))],
    # A large answer file, so that it needs many fragments; a name that must not become a path.
    5: [("VERSION", 4, struct.pack("<I", 1)), ("FLAGS", 4, struct.pack("<I", 3)), ("CLIENT_UNATTEND", 0x20, text("<unattend>é日😀" + "x" * 30000 + "</unattend>")), ("../../escape", 0x20, text("no"))],
}


def packet(opcode):
    variables = ANSWERS.get(opcode, [("VERSION", 4, struct.pack("<I", 1))])
    body = b"".join(variable(*one) for one in variables)
    size = 16 + len(body)
    return struct.pack("<HHI", 40, 0x100, size) + bytes(32) + struct.pack("<IHBBII", size, 0x100, 2, 0, 0, len(variables)) + body


def read_packet(data):
    opcode, count = struct.unpack_from("<II", data, 48)
    at, variables = 56, {}
    for _ in range(count):
        name = data[at:at + 66].decode("utf-16-le").split("\0")[0]
        kind, length, _ = struct.unpack_from("<III", data, at + 68)
        value = data[at + 80:at + 80 + length]
        variables[name] = value.decode("utf-16-le").rstrip("\0") if kind == 0x20 else int.from_bytes(value, "little")
        at += (80 + length + 15) // 16 * 16 if (80 + length) % 16 else 96 + length
    return opcode, variables


class Spoiler:
    """Passes all answers through except one, which it corrupts; then the conversation is over."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.left = self.random.randrange(9) if HOSTILE else -1
        # Half of the corrupt answers are corrupted before they are sealed, so their signature is valid.
        self.before_seal = self.random.random() < 0.5

    def spoil(self, data):
        data = bytearray(data)
        kind = self.random.randrange(4)
        if kind == 0:
            del data[self.random.randrange(len(data)):]
        elif kind == 1:
            at = self.random.randrange(len(data))
            data[at:at + 4] = self.random.choice([b"\xff\xff\xff\xff", bytes(4), b"\xff\xff\xff\x7f", b"\x00\x00\x01\x00", b"\x10\x00\x00\x00"])
        elif kind == 2:
            data[self.random.randrange(len(data)):] = self.random.randbytes(self.random.randrange(200))
        else:
            for _ in range(self.random.randrange(1, 6)):
                data[self.random.randrange(len(data))] = self.random.randrange(256)
        return bytes(data)


class Connection:
    def __init__(self, stream, number):
        self.stream, self.security, self.refused, self.stub, self.spoiler = stream, None, False, b"", Spoiler(number)

    def send(self, data):
        self.spoiler.left -= 1
        if self.spoiler.left != -1 or not HOSTILE:
            return self.stream.sendall(data)
        self.stream.sendall(data if self.spoiler.before_seal and self.security else self.spoiler.spoil(data))
        self.stream.shutdown(socket.SHUT_WR)

    def pdu(self, kind, call, body, flags=3, auth=b""):
        self.send(struct.pack("<BBBBIHHI", 5, 0, kind, flags, 0x10, 16 + len(body) + len(auth), max(0, len(auth) - 8), call) + body + auth)

    def acknowledge(self, kind, call, auth=b""):
        self.pdu(kind, call, struct.pack("<HHIH", 5840, 5840, 0x1234, 5) + b"5040\0" + b"\0" + struct.pack("<BBHHH", 1, 0, 0, 0, 0) + NDR, auth=auth)

    def challenge(self, negotiate):
        pairs = ntlm.AV_PAIRS()
        pairs[ntlm.NTLMSSP_AV_DOMAINNAME] = DOMAIN.encode("utf-16-le")
        pairs[ntlm.NTLMSSP_AV_HOSTNAME] = "WDS".encode("utf-16-le")
        pairs[ntlm.NTLMSSP_AV_TIME] = struct.pack("<Q", 0x01D9000000000000)
        message = ntlm.NTLMAuthChallenge()
        message["flags"], message["challenge"], message["Version"] = FLAGS, os.urandom(8), b""
        name = DOMAIN.encode("utf-16-le")
        message["domain_len"] = message["domain_max_len"] = len(name)
        message["domain_offset"], message["domain_name"] = 48, name
        info = pairs.getData()
        message["TargetInfoFields_len"] = message["TargetInfoFields_max_len"] = len(info)
        message["TargetInfoFields_offset"], message["TargetInfoFields"] = 48 + len(name), info
        self.messages, self.nonce = [negotiate, message.getData()], message["challenge"]
        return self.messages[1]

    def authenticated(self, data):
        answer = ntlm.NTLMAuthChallengeResponse()
        answer.fromString(data)
        user, domain = answer["user_name"].decode("utf-16-le"), answer["domain_name"].decode("utf-16-le")
        key = ntlm.NTOWFv2(USER, PASSWORD, DOMAIN)
        proof, temp = answer["ntlm"][:16], answer["ntlm"][16:]
        right = ntlm.hmac_md5(key, self.nonce + temp) == proof
        exported = ntlm.generateEncryptedSessionKey(ntlm.hmac_md5(key, proof), answer["session_key"])
        whole = b"".join(self.messages) + data[:72] + bytes(16) + data[88:]
        mic = hmac.compare_digest(ntlm.hmac_md5(exported, whole), data[72:88])
        say(user=f"{domain}\\{user}", right=right, mic=mic)
        side = lambda who: {"sign": ntlm.SIGNKEY(FLAGS, exported, who), "seal": ARC4.new(ntlm.SEALKEY(FLAGS, exported, who)).encrypt, "sequence": 0}
        self.security = (side("Client"), side("Server")) if right and mic else None
        self.refused = not (right and mic)

    def request(self, call, flags, data, auth_length):
        if self.refused:
            return self.pdu(FAULT, call, struct.pack("<IHHI", 0, 0, 0, 5))
        if auth_length:
            client = self.security[0]
            padding = data[len(data) - auth_length - 6]
            end = len(data) - auth_length - 8
            plain = client["seal"](data[24:end])
            signed = data[:24] + plain + data[end:end + 8]
            signature = ntlm.MAC(FLAGS, client["seal"], client["sign"], client["sequence"], signed).getData()
            assert signature == data[-16:], "the signature does not fit"
            client["sequence"] += 1
            self.stub += plain[:len(plain) - padding]
        else:
            self.stub += data[24:]
        if not flags & 2:
            return
        stub, self.stub = self.stub, b""
        if struct.unpack_from("<H", data, 22)[0] == 3 and self.mapper:
            return self.pdu(RESPONSE, call, struct.pack("<IHBB", 0, 0, 0, 0) + self.map(stub))
        opcode, variables = read_packet(stub[8:])
        say(operation=opcode, sealed=bool(auth_length), variables=variables)
        reply = packet(opcode)
        self.respond(call, struct.pack("<III", len(reply), 0x20000, len(reply)) + reply + bytes(-len(reply) % 4) + struct.pack("<I", 0))

    def respond(self, call, stub):
        parts = [stub[at:at + 4096] for at in range(0, len(stub), 4096)]
        for number, part in enumerate(parts):
            flags = (1 if number == 0 else 0) | (2 if number == len(parts) - 1 else 0)
            head = struct.pack("<IHBB", len(stub), 0, 0, 0)
            if not self.security:
                self.pdu(RESPONSE, call, head + part, flags)
                continue
            server = self.security[1]
            if HOSTILE and self.spoiler.left == 0 and self.spoiler.before_seal:
                part = self.spoiler.spoil(part)[:5000]
            padded = part + bytes(-len(part) % 16)
            trailer = struct.pack("<BBBBI", 10, 6, len(padded) - len(part), 0, 0)
            front = struct.pack("<BBBBIHHI", 5, 0, RESPONSE, flags, 0x10, 24 + len(padded) + 24, 16, call) + head
            sealed, signature = ntlm.SEAL(FLAGS, server["sign"], None, front + padded + trailer, padded, server["sequence"], server["seal"])
            server["sequence"] += 1
            self.send(front + sealed + trailer + signature.getData())

    def map(self, stub):
        asked = epm.ept_map(stub)
        tower = epm.EPMTower(b"".join(asked["map_tower"]["tower_octet_string"]))
        say(mapped=str(len(tower["Floors"])), interface=tower["Floors"][0]["InterfaceUUID"].hex())
        floors = [floor.getData() for floor in tower["Floors"]]
        port, host = epm.EPMPortAddr(), epm.EPMHostAddr()
        port["IpPort"], host["Ip4addr"] = 5040, socket.inet_aton("127.0.0.1")
        octets = struct.pack("<H", 5) + b"".join(floors[:3]) + port.getData() + host.getData()
        return bytes(20) + struct.pack("<IIIIIII", 1, 1, 0, 1, 3, len(octets), len(octets)) + octets + bytes(-len(octets) % 4) + struct.pack("<I", 0)

    def serve(self, mapper):
        self.mapper = mapper
        while len(header := self.receive(16)) == 16:
            kind, flags = header[2], header[3]
            length, auth_length, call = struct.unpack_from("<HHI", header, 8)
            data = header + self.receive(length - 16)
            if kind == BIND:
                self.acknowledge(BIND_ACK, call)
            elif kind == ALTER:
                self.acknowledge(ALTER_RESPONSE, call, struct.pack("<BBBBI", 10, 6, 0, 0, 0) + self.challenge(data[-auth_length:]))
            elif kind == AUTH3:
                self.authenticated(data[-auth_length:])
            elif kind == REQUEST:
                self.request(call, flags, data, auth_length)

    def receive(self, length):
        data = b""
        while len(data) < length and (part := self.stream.recv(length - len(data))):
            data += part
        return data


def listen(port):
    server = socket.create_server(("127.0.0.1", port))
    for number in itertools.count():
        stream, _ = server.accept()
        threading.Thread(target=converse, args=(Connection(stream, number), port == 135), daemon=True).start()


def converse(connection, mapper):
    try:
        connection.serve(mapper)
    except (OSError, ValueError):
        # A conversation that was broken off on purpose may end in any way.
        if not HOSTILE:
            raise
    finally:
        connection.stream.close()


threads = [threading.Thread(target=listen, args=(port,), daemon=True) for port in (135, 5040)]
for thread in threads:
    thread.start()
say(ready=True)
sys.stdin.read()
