# Drivers for what the computer has, and how it stops.

# hardware_add_packages: makes the modules of the driver packages that were loaded beside the boot image known to modprobe;
# sets driver_packages, or driver_error when one is for another kernel.
driver_packages= driver_error=
hardware_add_packages() {
  local folder name running release
  read -r running </proc/sys/kernel/osrelease
  set +f
  for folder in /drivers/*; do
    [ -d "$folder" ] || continue
    name=${folder##*/}
    read -r release <"$folder/release"
    [ "$release" = "$running" ] || { driver_error="driver package $name is for kernel $release, this boot image has $running"; continue; }
    cat "$folder/modules.dep" >>"/lib/modules/$running/modules.dep"
    cat "$folder/modules.alias" >>"/lib/modules/$running/modules.alias"
    driver_packages="$driver_packages${driver_packages:+ }$name"
  done
  set -f
}

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

# computer_stop reboot|poweroff
computer_stop() {
  sync
  "$1" -f
}
