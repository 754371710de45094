# The disk: partitions and the system's file system. boot-loader.sh makes it start.

TARGET=/target
# One line per partition: its size in MiB or `extend`, and EFI for the EFI system partition.
PARTITIONS=/run/partitions
disk= disk_partition= disk_number=1 disk_bytes=0 disk_sector_bytes=512 system_bytes=0 disk_boot_number=

# disk_find: finds the disk that the options name, by kernel name or number from 0, or else the first one; sets disk,
# disk_bytes, disk_sector_bytes.
disk_find() {
  local path sectors number=0
  case $option_disk in
    '' | [0-9]*)
      disk=
      set +f
      for path in /sys/block/sd* /sys/block/vd*; do
        [ -e "$path" ] || continue
        [ $number = "${option_disk:-0}" ] && disk=/dev/${path##*/}
        number=$((number + 1))
      done
      set -f
      ;;
    *) disk=/dev/${option_disk#/dev/} ;;
  esac
  [ -b "$disk" ] || return 1
  read -r sectors <"/sys/block/${disk#/dev/}/size"
  disk_bytes=$((sectors * 512))
  read -r disk_sector_bytes <"/sys/block/${disk#/dev/}/queue/logical_block_size"
}

# disk_layout: plans the partitions, from the answer file or one for everything, on UEFI behind an EFI system partition; sets
# disk_partition, disk_boot_number (the EFI system partition, empty on BIOS) and system_bytes (the size of the system's partition,
# less the first MiB), on failure disk_error.
disk_layout() {
  local size type number=0 left=$((disk_bytes - 1048576))
  # A GPT has a copy of itself at the end of the disk.
  [ "$firmware" = bios ] || left=$((left - 1048576))
  answers partition >"$PARTITIONS"
  if [ ! -s "$PARTITIONS" ]; then
    [ "$firmware" = bios ] || echo "$ESP_MIB EFI" >"$PARTITIONS"
    echo extend >>"$PARTITIONS"
  fi
  answer install.partition; disk_number=$value system_bytes=0 disk_boot_number=
  while read -r size type; do
    number=$((number + 1))
    if [ "$size" = extend ]; then size=$left; else size=$((size * 1048576)); fi
    left=$((left - size))
    [ $left -ge 0 ] && [ $size -gt 0 ] || { disk_error="no room for partition $number: $disk has $((disk_bytes >> 20)) MiB"; return 1; }
    if [ "$type" = EFI ]; then
      disk_boot_number=$number
      continue
    fi
    : "${disk_number:=$number}"
    [ $number = "$disk_number" ] && system_bytes=$size
  done <"$PARTITIONS"
  [ $system_bytes -gt 0 ] || { disk_error="partition ${disk_number:-1}, to install to, does not exist or is not of type Primary; there are $number"; return 1; }
  case $firmware:$disk_boot_number in
    uefi:) disk_error='the answer file has no partition of type EFI, from which a UEFI computer starts'; return 1 ;;
    bios:?*) disk_error="partition $disk_boot_number is of type EFI, and this computer has a BIOS"; return 1 ;;
  esac
  disk_partition=$disk$disk_number
}

disk_partition_make() {
  if [ "$firmware" = uefi ]; then disk_partition_gpt; else disk_partition_mbr; fi >/run/partitioning.log 2>&1 &&
    wait_until 5 [ -b "$disk_partition" ]
}

# Linux partitions from sector 2048 on (1 MiB, the alignment that Windows and fdisk use); the system's is active.
disk_partition_mbr() {
  local size number=0 commands='o\n' start=2048
  while read -r size _; do
    number=$((number + 1))
    [ "$size" = extend ] && size= || size=+${size}M
    commands="${commands}n\np\n$number\n$start\n$size\n"
    # The first free sector, fdisk's default.
    start=
  done <"$PARTITIONS"
  printf "${commands}a\n$disk_number\nw\n" | fdisk -u "$disk"
}

# sfdisk aligns to 1 MiB by itself; U and L are its short names of the types EFI system and Linux file system.
disk_partition_gpt() {
  local size type
  while read -r size type; do
    [ "$type" = EFI ] && type=U || type=L
    [ "$size" = extend ] && size= || size="size=${size}MiB, "
    echo "${size}type=$type"
  done <"$PARTITIONS" >"$PARTITIONS.sfdisk"
  { echo 'label: gpt'; cat "$PARTITIONS.sfdisk"; } | sfdisk --quiet --wipe=always "$disk"
}

# The boot loader's ext4 driver supports neither 64bit nor metadata_csum. The journal is small, since mkfs writes all of it.
disk_format() {
  /agent/mke2fs -q -F -t ext4 -O ^64bit,^metadata_csum -J size=4 -E nodiscard,lazy_itable_init=1 -L system "$disk_partition" 2>&1
}

disk_mount() {
  mount -t ext4 -o noatime "$disk_partition" "$TARGET" 2>&1
}
