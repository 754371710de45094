"""A visitor in a served lab, with impacket as its SMB client: reads images of the share while it changes them on the server's side.

usage: image-visit.py CAPTURE      prints one JSON object: what it read
"""
import hashlib, json, os, struct, subprocess, sys, time
from impacket.smbconnection import SMBConnection, SessionError

SHARE = '/run/pxewright/reminst'
GROUP = 'Images/Linux 2012'
PAGE = 4096
# Offset of the last read in the reference trace; the data is moved behind 4 GiB, too.
LIST_AT = 8_193_339_392
DATA_AT = 6 * 2**30
seen = {}

# A busy host lets it wait: the default of 2 MiB is a fraction of what is read here. In immediate mode a frame takes a slot of the
# snapshot length: 64 MiB are 256 frames of the default length, and 16 000 of this one, which no frame here reaches.
capture = subprocess.Popen(['tcpdump', '-i', 'br0', '--immediate-mode', '-U', '-B', '65536', '-s', '4096', '-w', sys.argv[1], 'arp or tcp port 445'], stderr=subprocess.PIPE, text=True)
while 'listening on' not in capture.stderr.readline():
    pass

def connect():
    connection = SMBConnection('172.22.52.207', '172.22.52.207', preferredDialect=0x0210)
    connection.login('administrateur', 'Passw0rd.lab', 'SYSTEM')
    return connection, connection.connectTree('REMINST')

class Image:
    def __init__(self, path):
        self.path = path
        self.id = connection.openFile(tree, path, desiredAccess=0x1, shareMode=0x7)
    def read(self, offset, length):
        # Nothing, when the server says that the file ends before.
        return connection.readFile(tree, self.id, offset, length)
    def close(self):
        connection.closeFile(tree, self.id)

def resource(header, at):
    word, offset, _ = struct.unpack_from('<QQQ', header, at)
    return word & (1 << 56) - 1, offset

def look(path):
    """Header and list, as Windows' setup reads them: whole pages."""
    image = Image(path)
    header = image.read(0, PAGE)
    size, offset = resource(header, 0x48)
    start = offset // PAGE * PAGE
    image.read(start, (offset + size - start + PAGE - 1) // PAGE * PAGE)
    return image

def move_behind_4_gib():
    """A Res.rwm of the same set whose largest resource, blob table and list lie where only 64 bits reach; holes take no room."""
    source, target = f'{SHARE}/{GROUP}/Res.rwm', f'{SHARE}/{GROUP}/Moved/Res.rwm'
    os.mkdir(os.path.dirname(target))
    with open(source, 'rb') as old, open(target, 'wb') as new:
        header = bytearray(old.read(208))
        table_size, table_at = resource(header, 0x30)
        list_size, list_at = resource(header, 0x48)
        old.seek(table_at)
        table = bytearray(old.read(table_size))
        largest = max(range(0, table_size, 50), key=lambda at: resource(table, at)[0])
        old.seek(208)
        new.write(bytes(208) + old.read(table_at - 208))
        size, offset = resource(table, largest)
        old.seek(offset)
        new.seek(DATA_AT)
        new.write(old.read(size))
        struct.pack_into('<Q', table, largest + 8, DATA_AT)
        old.seek(list_at)
        new.seek(LIST_AT)
        new.write(old.read(list_size) + table)
        struct.pack_into('<Q', header, 0x50, LIST_AT)
        struct.pack_into('<Q', header, 0x38, LIST_AT + list_size)
        struct.pack_into('<QQQ', header, 0x7c, 0, 0, 0)
        new.seek(0)
        new.write(header)
    for name in ('base.wim', 'workshop.wim'):
        os.link(f'{SHARE}/{GROUP}/{name}', f'{SHARE}/{GROUP}/Moved/{name}')
    return size, bytes(table[largest + 30:largest + 50]).hex()

connection, tree = connect()

# Offsets that only 64 bits hold.
size, sha1 = move_behind_4_gib()
seen['verify'] = subprocess.run(['wimlib-imagex', 'verify', f'{SHARE}/{GROUP}/Moved/base.wim', f'--ref={SHARE}/{GROUP}/Moved/Res.rwm', '--quiet'], capture_output=True).returncode
moved = look(GROUP.replace('/', '\\') + '\\Moved\\Res.rwm')
data = hashlib.sha1()
for at in range(DATA_AT, DATA_AT + size, 65536):
    data.update(moved.read(at, min(65536, DATA_AT + size - at)))
seen['moved'] = {'expected': sha1, 'got': data.hexdigest(), 'apparent': os.stat(f'{SHARE}/{GROUP}/Moved/Res.rwm').st_size, 'stored': os.stat(f'{SHARE}/{GROUP}/Moved/Res.rwm').st_blocks * 512}
moved.close()

# A boot image in the folder of another architecture.
os.makedirs(f'{SHARE}/Boot/x86/Images', exist_ok=True)
os.link(f'{SHARE}/Boot/x64/Images/boot.wim', f'{SHARE}/Boot/x86/Images/boot.wim')
look('Boot\\x64\\Images\\boot.wim').close()
look('Boot\\x86\\Images\\boot.wim').close()

# A file that becomes shorter while it is read.
shrinking = look('Images\\Linux\\sample.wim')
shrinking.read(1_000_000, 65536)
os.truncate(f'{SHARE}/Images/Linux/sample.wim', 2_000_000)
seen['shrunk'] = [len(shrinking.read(1_900_000, 65536)), len(shrinking.read(3_000_000, 65536))]
shrinking.close()

# A file that is taken away while it is read: who has it open reads on, nobody else finds it.
vanishing = look('Images\\Linux 2012\\workshop.wim')
os.rename(f'{SHARE}/{GROUP}/workshop.wim', f'{SHARE}/{GROUP}/elsewhere.bin')
os.unlink(f'{SHARE}/{GROUP}/elsewhere.bin')
seen['vanished'] = len(vanishing.read(0, PAGE))
vanishing.close()
try:
    Image('Images\\Linux 2012\\workshop.wim')
except SessionError as error:
    seen['vanished again'] = error.getErrorString()[0]

# The server goes on, for this connection and for new ones.
look('Images\\Linux 2012\\base.wim').close()
connection.logoff()
connection, tree = connect()
look('Images\\Linux 2012\\Res.rwm').close()

# The capture comes late: it is complete when it holds the last thing that was asked for.
LAST = 'end of the visit'
try:
    Image(LAST)
except SessionError:
    pass
connection.logoff()
while LAST.encode('utf-16-le') not in open(sys.argv[1], 'rb').read():
    time.sleep(0.05)
capture.terminate()
seen['dropped'] = [line for line in capture.communicate()[1].splitlines() if 'dropped by kernel' in line]
print(json.dumps(seen))
