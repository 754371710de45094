# The disk: partition, file system, boot loader.

TARGET=/target
disk= disk_partition= disk_bytes=0

# disk_find: the disk that was asked for, or the first one.
disk_find() {
  local path sectors
  if [ -n "$option_disk" ]; then
    disk=/dev/${option_disk#/dev/}
  else
    set +f
    for path in /sys/block/sd* /sys/block/vd*; do
      [ -e "$path" ] && { disk=/dev/${path##*/}; break; }
    done
    set -f
  fi
  [ -b "$disk" ] || return 1
  read -r sectors <"/sys/block/${disk#/dev/}/size"
  disk_bytes=$((sectors * 512))
  disk_partition=${disk}1
}

# One active Linux partition from sector 2048 (1 MiB, the alignment that Windows and fdisk use) to the end.
disk_partition_make() {
  printf 'o\nn\np\n1\n2048\n\na\n1\nw\n' | fdisk -u "$disk" >/run/fdisk.log 2>&1
  wait_until 5 [ -b "$disk_partition" ]
}

# The boot loader's ext4 driver knows neither 64bit nor metadata_csum. A small journal: it is written in full at mkfs.
disk_format() {
  /agent/mke2fs -q -F -t ext4 -O ^64bit,^metadata_csum -J size=4 -E nodiscard,lazy_itable_init=1 -L system "$disk_partition" 2>&1
}

disk_mount() {
  mount -t ext4 -o noatime "$disk_partition" "$TARGET" 2>&1
}

disk_make_bootable() {
  extlinux --install "$TARGET/boot" 2>&1 && dd if=/agent/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
}

# disk_verify: what the boot loader will look for is there, and the partition is active; prints what is missing.
disk_verify() {
  local file
  for file in boot/ldlinux.sys boot/ldlinux.c32 boot/extlinux.conf; do
    [ -s "$TARGET/$file" ] || { echo "/$file is missing on the disk"; return 1; }
  done
  [ "$(od -An -tx1 -j 446 -N 1 "$disk")" = ' 80' ] || { echo 'the partition is not active'; return 1; }
}
