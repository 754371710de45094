# The disk: partition, file system, boot loader.

TARGET=/target
disk= disk_partition= disk_number=1 disk_bytes=0 system_bytes=0

# disk_find: finds the disk that the options name, by kernel name or number from 0, or else the first one; sets disk, disk_bytes.
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
}

# disk_layout: plans the partitions, from the answer file or one for everything; sets disk_partition and system_bytes (the size of
# the system's partition, less the first MiB), on failure disk_error.
disk_layout() {
  local size number=0 left=$((disk_bytes - 1048576))
  answers partition >/run/partitions
  [ -s /run/partitions ] || echo extend >/run/partitions
  answer install.partition; disk_number=${value:-1} system_bytes=0
  while read -r size; do
    number=$((number + 1))
    if [ "$size" = extend ]; then size=$left; else size=$((size * 1048576)); fi
    left=$((left - size))
    [ $left -ge 0 ] && [ $size -gt 0 ] || { disk_error="no room for partition $number: $disk has $((disk_bytes >> 20)) MiB"; return 1; }
    [ $number = "$disk_number" ] && system_bytes=$size
  done </run/partitions
  [ $system_bytes -gt 0 ] || { disk_error="partition $disk_number, to install to, does not exist; there are $number"; return 1; }
  disk_partition=$disk$disk_number
}

# Linux partitions from sector 2048 on (1 MiB, the alignment that Windows and fdisk use); the system's is active.
disk_partition_make() {
  local size number=0 commands='o\n' start=2048
  while read -r size; do
    number=$((number + 1))
    [ "$size" = extend ] && size= || size=+${size}M
    commands="${commands}n\np\n$number\n$start\n$size\n"
    # The first free sector, fdisk's default.
    start=
  done </run/partitions
  printf "${commands}a\n$disk_number\nw\n" | fdisk -u "$disk" >/run/fdisk.log 2>&1
  wait_until 5 [ -b "$disk_partition" ]
}

# The boot loader's ext4 driver supports neither 64bit nor metadata_csum. The journal is small, since mkfs writes all of it.
disk_format() {
  /agent/mke2fs -q -F -t ext4 -O ^64bit,^metadata_csum -J size=4 -E nodiscard,lazy_itable_init=1 -L system "$disk_partition" 2>&1
}

disk_mount() {
  mount -t ext4 -o noatime "$disk_partition" "$TARGET" 2>&1
}

disk_make_bootable() {
  extlinux --install "$TARGET/boot" 2>&1 && dd if=/agent/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
}

# disk_verify: checks that the boot loader's files exist and the partition is active; prints what is missing.
disk_verify() {
  local file
  for file in boot/ldlinux.sys boot/ldlinux.c32 boot/extlinux.conf; do
    [ -s "$TARGET/$file" ] || { echo "/$file is missing on the disk"; return 1; }
  done
  [ "$(od -An -tx1 -j $((430 + 16 * disk_number)) -N 1 "$disk")" = ' 80' ] || { echo 'the partition is not active'; return 1; }
}
