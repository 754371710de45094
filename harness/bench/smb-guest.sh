#!/bin/sh
# First process of the VM that `npm run bench -- smb` reads with: the boot image's kernel, drivers and BusyBox, and this in the
# place of its init. Mounts the share as the agent does, reads an image ROUNDS times, and says on the second serial port how long
# each took: from the open to the last byte, nothing in the page cache.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
stty -F /dev/ttyS1 raw -echo
exec >/dev/ttyS1 2>&1

for word in $(cat /proc/cmdline); do case $word in bench.*) eval "${word#bench.}" ;; esac; done
cat /sys/bus/pci/devices/*/modalias | xargs modprobe -aq
cat /sys/bus/virtio/devices/*/modalias | xargs modprobe -aq
modprobe -aq cifs nls_utf8
interface=$(ls /sys/class/net | grep -v '^lo$' | head -n 1)
ip link set lo up
ip addr add "$ip/24" dev "$interface"
ip link set "$interface" up
tries=0
until [ "$(cat "/sys/class/net/$interface/carrier")" = 1 ] || [ $tries = 500 ]; do tries=$((tries + 1)); usleep 20000; done

mkdir -p /share
options="ro,vers=2.1,sec=ntlmssp,username=administrateur,domain=SYSTEM,password=Passw0rd.lab,closetimeo=0,noserverino,nosharesock,iocharset=utf8"
mount -t cifs "//$server/REMINST" /share -o "$options" || echo '{"event":"bench.failed","what":"mount"}'
image=/share/Images/Linux/sample.wim
round=0
while [ $round -lt "$rounds" ]; do
  echo 3 >/proc/sys/vm/drop_caches
  read -r from _ </proc/uptime
  bytes=0
  dd if="$image" of=/dev/null bs=1M 2>/dev/null && bytes=$(stat -c %s "$image")
  read -r to _ </proc/uptime
  echo "{\"event\":\"bench.read\",\"bytes\":$bytes,\"fromCs\":${from%.*}${from#*.},\"toCs\":${to%.*}${to#*.}}"
  round=$((round + 1))
done
# The step that the scenario waits for: nothing is settled before.
cat /share/Images/Linux/bench-end >/dev/null
umount /share
echo '{"event":"agent.result","ok":true}'
poweroff -f
