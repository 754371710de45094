#!/usr/bin/env python3
"""Lets the Linux kernel join, report and leave groups in all versions of IGMP, and writes its frames as a capture.

Run in a network namespace of its own, as its root: kernel_groups.py CAPTURE. The kernel speaks at one end of a cable;
at the other one stands a querier made of frames, which goes on when the answer that it waits for has come. It waits
for no time to pass.
"""
import socket, struct, subprocess, sys

MEMBER, QUERIER = '10.9.0.2', '10.9.0.1'
MEMBER_MAC, QUERIER_MAC = '52:54:00:12:34:56', '00:1f:29:04:77:fe'
GROUP, OTHER, SOURCES = '239.1.2.3', '232.9.9.9', ('10.9.0.8', '10.9.0.9')
QUERY, LEAVE, REPORTS = 0x11, 0x17, {1: 0x12, 2: 0x16, 3: 0x22}
IS_INCLUDE, IS_EXCLUDE, TO_INCLUDE, TO_EXCLUDE, ALLOW, BLOCK = range(1, 7)
# linux/in.h
IP_UNBLOCK_SOURCE, IP_BLOCK_SOURCE, IP_ADD_SOURCE_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP = 37, 38, 39, 40
# asm-generic/socket.h: the kernel's own time of each frame, however late this program reads it.
SO_TIMESTAMPNS = 35
ETH_P_ALL = 3
# An answer comes within a tenth of a second; on a host that is busy it may take longer.
PATIENCE_S = 30

frames = []


def main(capture):
    cable()
    wire = Wire()
    version_3(wire)
    for version in (2, 1):
        older(wire, version)
    with open(capture, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at, frame in frames:
            file.write(struct.pack('<IIII', at // 1_000_000, at % 1_000_000, len(frame), len(frame)) + frame)


class Wire:
    """The querier's end: one socket speaks, the other one hears all that passes, the querier's own words too."""

    def __init__(self):
        self.mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.mouth.bind(('querier', 0))
        self.ears.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.ears.bind(('querier', ETH_P_ALL))
        self.ears.settimeout(PATIENCE_S)

    def hear(self):
        frame, ancillary, _, _ = self.ears.recvmsg(65535, 64)
        seconds, nanoseconds = struct.unpack('qq', ancillary[0][2])
        return seconds * 1_000_000 + nanoseconds // 1000, frame


def version_3(wire):
    force(0)
    member = joined(wire, lambda group: is_record(TO_EXCLUDE, group))
    query(wire, '0.0.0.0', 3)
    heard(wire, is_record(IS_EXCLUDE, GROUP))
    query(wire, GROUP, 3)
    heard(wire, is_record(IS_EXCLUDE, GROUP))
    change(member, IP_BLOCK_SOURCE, GROUP, SOURCES[0])
    heard(wire, is_record(BLOCK, GROUP))
    # RFC 3376 section 5.2 has it name the sources that it wants; Linux says its whole state, which serves as well.
    query(wire, GROUP, 3, SOURCES)
    heard(wire, is_record(IS_EXCLUDE, GROUP))
    change(member, IP_UNBLOCK_SOURCE, GROUP, SOURCES[0])
    heard(wire, is_record(ALLOW, GROUP))
    for source in SOURCES:
        change(member, IP_ADD_SOURCE_MEMBERSHIP, OTHER, source)
        heard(wire, is_record(ALLOW, OTHER))
    for sources in ((), SOURCES[1:]):
        query(wire, OTHER, 3, sources)
        heard(wire, is_record(IS_INCLUDE, OTHER))
    for source in SOURCES:
        change(member, IP_DROP_SOURCE_MEMBERSHIP, OTHER, source)
        heard(wire, is_record(BLOCK, OTHER))
    member.close()
    heard(wire, is_record(TO_INCLUDE, GROUP))


def older(wire, version):
    force(version)
    member = joined(wire, lambda group: lambda said: said[0] == REPORTS[version] and said[4:8] == address(group))
    for group in ('0.0.0.0', GROUP) if version == 2 else ('0.0.0.0',):
        query(wire, group, version)
        heard(wire, lambda said: said[0] == REPORTS[version] and said[4:8] == address(GROUP))
    member.close()
    # Version 1 leaves without a word.
    if version == 2:
        heard(wire, lambda said: said[0] == LEAVE)


def joined(wire, told):
    """A member of the group, and its report; a kernel says it twice, of which the first one counts here."""
    member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, address(GROUP) + address(MEMBER))
    heard(wire, told(GROUP))
    return member


def change(member, option, group, source):
    member.setsockopt(socket.IPPROTO_IP, option, address(group) + address(MEMBER) + address(source))


def is_record(record, group):
    def of(said):
        if said[0] != REPORTS[3]:
            return False
        at = 8
        for _ in range(int.from_bytes(said[6:8], 'big')):
            count = int.from_bytes(said[at + 2:at + 4], 'big')
            if said[at] == record and said[at + 4:at + 8] == address(group):
                return True
            at += 8 + 4 * count
        return False

    return of


def heard(wire, is_wanted):
    """Takes frames until the wanted one has come."""
    while True:
        at, frame = wire.hear()
        if frame[12:14] != b'\x08\x00' or frame[23] != socket.IPPROTO_IGMP:
            continue
        frames.append((at, frame))
        if frame[6:12] == mac(MEMBER_MAC) and is_wanted(frame[14 + (frame[14] & 15) * 4:]):
            return


def query(wire, group, version, sources=()):
    # A tenth of a second to answer; version 1 has no time, and Linux takes 10 seconds.
    body = struct.pack('>BBH4s', QUERY, 1 if version > 1 else 0, 0, address(group))
    if version == 3:
        # Robustness 2, 125 seconds between queries.
        body += struct.pack('>BBH', 2, 125, len(sources)) + b''.join(address(source) for source in sources)
    body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
    to = '224.0.0.1' if group == '0.0.0.0' else group
    # Priority of network control, time to live 1, Router Alert (RFC 3376 section 4).
    options = b'\x94\x04\x00\x00' if version > 1 else b''
    head = struct.pack('>BBHHHBBH4s4s', 0x45 + len(options) // 4, 0xC0, 20 + len(options) + len(body), 0, 0x4000, 1,
                       socket.IPPROTO_IGMP, 0, address(QUERIER), address(to)) + options
    head = head[:10] + struct.pack('>H', checksum(head)) + head[12:]
    low = address(to)
    frame = bytes([1, 0, 0x5E, low[1] & 0x7F, low[2], low[3]]) + mac(QUERIER_MAC) + b'\x08\x00' + head + body
    wire.mouth.send(frame)


def cable():
    for command in (f'link add member address {MEMBER_MAC} type veth peer name querier address {QUERIER_MAC}',
                    'link set querier up', 'link set member up', f'addr add {MEMBER}/24 dev member'):
        subprocess.run(['ip', *command.split()], check=True)
    for end in ('member', 'querier'):
        # IPv6 has groups of its own.
        put(f'ipv6/conf/{end}/disable_ipv6', 1)
    for version in (2, 3):
        put(f'ipv4/conf/member/igmpv{version}_unsolicited_report_interval', 100)


def force(version):
    put('ipv4/conf/member/force_igmp_version', version)


def put(name, value):
    with open(f'/proc/sys/net/{name}', 'w') as file:
        file.write(str(value))


def checksum(data):
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


address = socket.inet_aton


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


main(sys.argv[1])
