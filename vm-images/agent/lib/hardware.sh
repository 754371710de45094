# Drivers for what the machine has, and how it stops.

# Loads drivers of all devices on the PCI bus, then of what virtio-pci made of some of them.
# A device that the boot image has no driver for stays as it is: the stage that needs it says so.
hardware_drivers() {
  set +f
  cat /sys/bus/pci/devices/*/modalias | xargs modprobe -aq 2>/dev/null
  set -- /sys/bus/virtio/devices/*/modalias
  [ -e "$1" ] && cat "$@" | xargs modprobe -aq 2>/dev/null
  set -f
}

# wait_until SECONDS COMMAND…: asks every 10 ms; false when the deadline passes.
wait_until() {
  local tries=$(($1 * 100))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    usleep 10000
  done
}

# machine_stop reboot|poweroff
machine_stop() {
  sync
  "$1" -f
}
