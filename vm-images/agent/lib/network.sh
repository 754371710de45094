# The network card: driver, link, address.

network_interface= network_driver= network_ip= network_mac=

network_find() {
  local path
  set +f
  for path in /sys/class/net/*; do
    [ -e "$path/device" ] && { network_interface=${path##*/}; break; }
  done
  set -f
  [ -n "$network_interface" ] || return 1
  network_driver=$(readlink "/sys/class/net/$network_interface/device/driver")
  network_driver=${network_driver##*/}
  read -r network_mac <"/sys/class/net/$network_interface/address"
  ip link set lo up
  ip link set "$network_interface" up
}

# Prints the computer's network cards, by PCI class 02, for the message that there is no driver for them.
network_cards() {
  local path class vendor device comma=
  set +f
  for path in /sys/bus/pci/devices/*; do
    read -r class <"$path/class"
    case $class in
      0x02*)
        read -r vendor <"$path/vendor"
        read -r device <"$path/device"
        printf '%s%s:%s' "$comma" "${vendor#0x}" "${device#0x}"
        comma=", "
        ;;
    esac
  done
  set -f
}

network_has_link() {
  local carrier
  read -r carrier 2>/dev/null <"/sys/class/net/$network_interface/carrier" && [ "$carrier" = 1 ]
}

# network_is_unplugged: whether the card says that it has no link, which is not the same as not saying that it has one.
network_is_unplugged() {
  local carrier
  { read -r carrier <"/sys/class/net/$network_interface/carrier"; } 2>/dev/null && [ "$carrier" = 0 ]
}

# Five DISCOVERs, three seconds apart: with three VMs and a domain controller on two busy cores an answer was once later
# than five seconds. The vendor class distinguishes these from the firmware's, which has PXEClient.
network_lease() {
  udhcpc -f -q -n -t 5 -T 3 -i "$network_interface" -V pxewright-agent -s /agent/lease >/dev/null 2>&1 || return 1
  read -r network_ip </run/lease
}
