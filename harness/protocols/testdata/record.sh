#!/bin/bash
# Records the capture fixtures beside it, with clients and servers that are not ours: dnsmasq, busybox udhcpc, curl,
# smbd, smbclient, impacket, Samba's RPC client, the Linux kernel. Only the WDS control service is ours: there is no other. Run as root:
# ./record.sh DIRECTORY [PART…]; parts are boot, smb, control, groups, all of them when none is named. Namespaces of its own.
set -euo pipefail
if [ "${INSIDE:-}" != yes ]; then
  mkdir -p "$1"
  work=$(mktemp -d)
  # Removed out here, when the namespace and with it every process that could still write has ended.
  trap 'rm -rf "$work"' EXIT
  directory=$(realpath "$1"); shift
  INSIDE=yes unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$directory" "$work" "$@"
  exit
fi
out=$1
work=$2
shift 2
parts=${*:-boot smb control groups}
source=$(dirname "$(realpath "$0")")
wanted() { [[ " $parts " == *" $1 "* ]]; }
mount -t tmpfs tmpfs /run
ip netns add client
ip link add server type veth peer name pc netns client
ip addr add 172.22.52.207/24 dev server
ip link set lo up
ip link set server address 00:1f:29:04:77:0d up
ip netns exec client sh -c 'ip link set lo up; ip link set pc address 00:11:11:80:d2:92 up'
# Segments as the link would carry them, with checksums: no segmentation offload between the two ends.
ethtool -K server gso off tso off gro off tx off 2> /dev/null || true
ip netns exec client ethtool -K pc gso off tso off gro off tx off 2> /dev/null || true

wait_for() { # what, then a command that succeeds when it is there
  local what=$1 deadline=$((SECONDS + 20)); shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "$what did not come within 20 s" >&2; exit 1; }
  done
}
numbers() { /usr/bin/python3 -c 'import sys; sys.stdout.write("".join("%07d\n" % n for n in range(int(sys.argv[1])))[:int(sys.argv[1])])' "$1"; }
record() {
  capture_file=$out/$1.pcap
  tcpdump -i server --immediate-mode -U -Z root -w "$capture_file" "($2) or udp port 9" 2> "$work/tcpdump.log" & capture=$!
  wait_for tcpdump grep -q 'listening on' "$work/tcpdump.log"
}
# The capture is whole when its last frame, a marker of ours to the discard port, is in the file.
stop() {
  ip netns exec client ip addr replace 172.22.52.222/24 dev pc
  ip netns exec client bash -c 'echo end of recording > /dev/udp/172.22.52.207/9'
  wait_for 'the last frame' grep -q 'end of recording' "$capture_file"
  kill -TERM $capture; wait $capture || true
}

# 1. DHCP and TFTP
boot() {
mkdir -p "$work/tftp/boot/x86"
numbers 31124 > "$work/tftp/boot/x86/wdsnbp.com"
cat > "$work/udhcpc.sh" <<'S'
#!/bin/sh
[ "$1" = bound ] && ip addr replace "$ip/24" dev "$interface"
exit 0
S
chmod +x "$work/udhcpc.sh"
dnsmasq --no-daemon --port=0 --interface=server --bind-interfaces --no-ping --dhcp-range=172.22.52.222,172.22.52.222,12h --dhcp-boot='boot/x86/wdsnbp.com,wds,172.22.52.207' \
  --dhcp-option=option:ntp-server,172.22.52.1 --dhcp-option=121,10.0.0.0/8,172.22.52.1 --dhcp-option=vendor:PXEClient,6,8 --dhcp-leasefile="$work/leases" \
  --enable-tftp --tftp-root="$work/tftp" --user=root 2> "$work/dnsmasq.log" & dnsmasq=$!
wait_for dnsmasq grep -q 'TFTP root' "$work/dnsmasq.log"
record dnsmasq-dhcp-tftp 'udp or arp'
ip netns exec client busybox udhcpc -i pc -q -n -s "$work/udhcpc.sh" -V 'PXEClient:Arch:00000:UNDI:002001' -x 0x5d:0000 -x 0x5e:010201 -x 0x61:0033221100554477668899aabbccddeeff -x hostname:pc -O 66 -O 67 -O 43 -O 121
ip netns exec client curl -s --tftp-blksize 1456 -o /dev/null tftp://172.22.52.207/boot/x86/wdsnbp.com
ip netns exec client curl -s --tftp-no-options -o /dev/null tftp://172.22.52.207/boot/x86/wdsnbp.com || true
ip netns exec client curl -s -o /dev/null tftp://172.22.52.207/boot/x86/missing.0 || true
stop
kill $dnsmasq; wait $dnsmasq || true
}

# 2. SMB2 with NTLM
smb() {
mkdir -p "$work/smb/"{private,lock,state,cache,pid,ncalrpc,share/Images/Linux}
numbers 20000 > "$work/smb/share/Images/Linux/sample.wim"
cat > "$work/smb.conf" <<S
[global]
workgroup = SYSTEM
netbios name = WDS
server role = standalone server
interfaces = server
bind interfaces only = yes
smb ports = 445
server min protocol = NT1
map to guest = never
host msdfs = yes
load printers = no
disable spoolss = yes
passdb backend = tdbsam:$work/smb/private/passdb.tdb
private dir = $work/smb/private
lock directory = $work/smb/lock
state directory = $work/smb/state
cache directory = $work/smb/cache
pid directory = $work/smb/pid
ncalrpc dir = $work/smb/ncalrpc
log file = $work/smb/log
[RemInst]
path = $work/smb/share
read only = no
force user = root
S
grep -q '^administrateur:' /etc/passwd || { cp /etc/passwd "$work/passwd"; echo 'administrateur:x:4242:4242::/:/bin/false' >> "$work/passwd"; mount --bind "$work/passwd" /etc/passwd; }
(echo Passw0rd.lab; echo Passw0rd.lab) | smbpasswd -c "$work/smb.conf" -s -a administrateur > "$work/smbpasswd.log" 2>&1
# In a session of its own: smbd ends by a signal to its whole process group.
setsid smbd -F --no-process-group -s "$work/smb.conf" & smbd=$!
wait_for smbd bash -c ': < /dev/tcp/172.22.52.207/445'
account='SYSTEM/administrateur%Passw0rd.lab'
share() { ip netns exec client smbclient //172.22.52.207/RemInst "$@"; }
record smbd-smbclient 'tcp port 445 or arp'
share -U "$account" -c "ls; cd Images\\Linux; get sample.wim $work/a; put $work/a copy.wim; get missing.wim $work/b" || true
share -U 'SYSTEM/administrateur%wrong' -c ls || true
ip netns exec client smbclient //172.22.52.207/NoShare -U "$account" -c ls || true
share -U "$account" --option='client min protocol=NT1' --option='client max protocol=SMB2_10' -c 'ls' || true
share -U "$account" --client-protection=encrypt -c 'ls' || true
stop
record smbd-impacket 'tcp port 445 or arp'
ip netns exec client /usr/bin/python3 - "$work/b" <<'P' || true
import sys
from impacket.smbconnection import SMBConnection
from impacket.smb3structs import SMB2_DIALECT_21
for dialect in (None, SMB2_DIALECT_21):
    smb = SMBConnection('WDS', '172.22.52.207', preferredDialect=dialect)
    smb.login('administrateur', 'Passw0rd.lab', 'SYSTEM')
    tree = smb.connectTree('RemInst')
    file = smb.openFile(tree, 'Images\\Linux\\sample.wim', desiredAccess=0x1)
    smb.readFile(tree, file, 0, 4096)
    smb.readFile(tree, file, 16384, 3616)
    smb.closeFile(tree, file)
    smb.logoff()
P
stop
kill $smbd; wait $smbd || true
}

# 3. DCE/RPC with NTLM and SPNEGO: the control service and its endpoint mapper
control() {
ip netns exec client ip addr replace 172.22.52.222/24 dev pc
mkdir -p "$work/RemInst/WdsClientUnattend"
echo '<unattend/>' > "$work/RemInst/WdsClientUnattend/x64.xml"
echo '{ "address": "172.22.52.207", "requirePrivacy": false, "root": "'"$work"'/RemInst", "unattend": { "files": { "x64": "WdsClientUnattend\\x64.xml" } }, "organization": "Lab" }' > "$work/control.json"
node "$source/../../../servers/images/control.ts" --config "$work/control.json" > "$work/control.log" & control=$!
wait_for 'the control service' grep -q ready "$work/control.log"
record control-impacket 'tcp port 5040 or tcp port 135 or arp'
ip netns exec client env PYTHONPATH="$source/../../../servers/images/testing" /usr/bin/python3 - <<'P'
from impacket.dcerpc.v5 import epm
from impacket.dcerpc.v5.rpcrt import DCERPCException, RPC_C_AUTHN_WINNT
from impacket.uuid import uuidtup_to_bin
from wds_client import PASSWORD, USER, WDS, connect, request, ulong, wide

binding = epm.hept_map('172.22.52.207', WDS, protocol='ncacn_ip_tcp')
client = [wide('CLIENT_MAC', '00111180d292'), wide('CLIENT_GUID', '11223344556677578058C2C04F503931')]
# The reference trace's way: bound as nobody, NTLM added to the same connection.
dce = connect(binding)
request(dce, 3)
request(dce, 5, ulong('ARCHITECTURE', 9), *client)
dce.set_credentials(USER, PASSWORD, 'SYSTEM')
dce.set_auth_type(RPC_C_AUTHN_WINNT)
dce.set_auth_level(6)
request(dce.alter_ctx(WDS), 6, *client)
for level in (2, 5, 6):
    dce = connect(binding, level)
    dce.set_max_fragment_size(200)
    request(dce, 7, *client)
for refused in (lambda: request(connect(binding, 6, password='wrong'), 2), lambda: connect(binding, interface=uuidtup_to_bin(('12345678-1234-abcd-ef00-0123456789ab', '1.0'))), lambda: (dce.call(1, b''), dce.recv())):
    try:
        refused()
    except DCERPCException:
        pass
P
stop
record control-samba 'tcp port 135 or arp'
ip netns exec client /usr/bin/python3 "$source/../../../servers/images/testing/samba_client.py" 172.22.52.207 "$(node -e "
import('$source/../endpoint-mapper.ts').then(async (map) => {
  const { RPC_SYNTAXES } = await import('$source/../dcerpc.ts');
  console.log(Buffer.from(map.encodeEptMapRequest({ interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr })).toString('hex'));
})")" > "$work/samba.json"
stop
kill $control; wait $control || true
}

# 4. Multicast groups of the kernel; the querier is frames
groups() {
unshare --net /usr/bin/python3 "$source/../igmp/testing/kernel_groups.py" "$out/igmp-linux.pcap"
}

for part in boot smb control groups; do
  if wanted "$part"; then "$part"; fi
done
