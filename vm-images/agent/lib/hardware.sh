# Drivers for the computer's devices, and power-off.

# hardware_add_packages: adds the modules of the driver packages loaded with the boot image to modprobe's tables; sets
# driver_packages, and driver_error if one is for another kernel.
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

# Loads the drivers of all devices on the PCI bus, then of the virtio devices that virtio-pci created.
# A device without a driver is no error here: the stage that needs it reports that.
hardware_drivers() {
  set +f
  cat /sys/bus/pci/devices/*/modalias | xargs modprobe -aq 2>/dev/null
  set -- /sys/bus/virtio/devices/*/modalias
  [ -e "$1" ] && cat "$@" | xargs modprobe -aq 2>/dev/null
  set -f
}

# wait_until SECONDS COMMAND…: runs COMMAND every 10 ms until it succeeds; false after the deadline.
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
