# The agent in the role MODE on the file /run/disk instead of a computer: everything but the hardware is its own. Partitions of a
# file have no devices, so that each one is a file of its own while it is open.
# Usage: disk-agent.sh MODE NAME=VALUE…   (options of options.sh, or its constants)

set -f
for part in events options screen hardware network directory control answer-file share wim images disk disk-table boot-loader packages install capture store snapshot backup restore; do
  . "/agent/$part.sh"
done

exec 3>/dev/null 4>>/run/events
install_network() { network_mac=52:54:00:12:34:56; }
disk_find() {
  disk=/run/disk
  disk_bytes=$(stat -c %s "$disk")
}
partition_open() {
  device=/run/partition-$1 open_number=$1
  if [ "$1" = 0 ]; then device=$disk; return; fi
  set -- $(sfdisk -d "$disk" | table_rows | awk -v number="$1" '$1 == number { print $2, $3 }')
  open_start=$1
  dd if="$disk" of="$device" bs=512 skip="$1" count="$2" 2>/dev/null
}
partition_close() {
  [ "$open_number" = 0 ] || dd if="$device" of="$disk" bs=512 seek="$open_start" conv=notrunc 2>&1 >/dev/null
}
computer_stop() {
  exit 0
}

option_mode=$1
shift
for word; do eval "${word%%=*}=\${word#*=}"; done
"${option_mode}_run"
