# A disk as it is found: its partition table, the device of each partition, and what file system is on it.

# Set by table_read: gpt, dos, or none for a disk without partitions, which is saved as a whole.
table_label=
# Set by file_system_find: the name, how restic gets it (decision 193), and about how many bytes that is, 0 if that is not known.
file_system= stream_format= stream_bytes=0

# table_read FILE: writes the table of `disk` to FILE as `sfdisk -d` prints it; sets table_label. A file system on a whole disk
# (FAT's boot sector ends like an MBR) and an empty table have no partitions. Tables of other kinds, and what sfdisk would not write
# again, are saved with their disk.
table_read() {
  table_label=none
  sfdisk -d "$disk" >"$1" 2>/run/table-error || { rm -f "$1"; return 0; }
  table_label=$(sed -n 's/^label: //p' "$1")
  case $table_label in
    gpt | dos) table_rows <"$1" | table_contents | table_is_divided && return 0 ;;
  esac
  table_label=none
  rm -f "$1"
}

# table_rows: prints one line for each partition of sfdisk's dump on standard input: number, first sector, sectors, type, UUID
# and name, with tabs between, `-` for what it has not. A name comes last in its line, and has its quotes as \x22.
table_rows() {
  awk 'function field(pattern, skip) { return match($0, pattern) ? substr($0, RSTART + skip, RLENGTH - skip) : "-" }
    / : start=/ {
      name = match($0, /name="[^"]*"/) ? substr($0, RSTART + 6, RLENGTH - 7) : "-"
      sub(/name="[^"]*"/, "")
      match($1, /[0-9]+$/)
      number = substr($1, RSTART)
      start = field("start= *[0-9]+", 6) + 0
      size = field("size= *[0-9]+", 5) + 0
      printf "%d\t%.0f\t%.0f\t%s\t%s\t%s\n", number, start, size, field("type=[^, ]+", 5), field("uuid=[^, ]+", 5), name
    }'
}

# table_contents: prints the rows on standard input but for those of an MBR that only hold others.
table_contents() {
  awk -F '\t' '$4 !~ /^(0?[5fF]|85)$/'
}

# table_is_divided: whether there are rows on standard input, and their partitions lie one behind the other and on `disk`.
table_is_divided() {
  sort -t '	' -k 2n | awk -F '\t' -v sectors=$((disk_bytes / disk_sector_bytes)) '
    $2 < end || $2 + $3 > sectors { bad = 1 }
    { end = $2 + $3 }
    END { exit bad || NR == 0 }'
}

# partition_open NUMBER: sets `device` to what is read and written for a partition, or for the whole disk when NUMBER is 0.
partition_open() {
  device=$disk
  [ "$1" != 0 ] || return 0
  case $disk in *[0-9]) device=${disk}p ;; esac
  device=$device$1
  wait_until 5 [ -b "$device" ]
}

# partition_close: waits until what was written to `device` is on the disk; prints what went wrong.
partition_close() {
  sync "$device" 2>&1
}

# file_system_find DEVICE
file_system_find() {
  local state features
  dd if="$1" of=/run/head bs=4096 count=17 2>/run/head-error
  file_system=unknown stream_format=raw stream_bytes=0
  if [ "$(magic 1080 2)" = "$(printf 'S\357')" ]; then
    # s_feature_compat, s_feature_incompat; extents, 64bit or flex_bg make it ext4, a journal ext3.
    set -- $(od -An -v -tu4 -j 1116 -N 8 /run/head)
    file_system=ext2 features=$2
    [ $(($1 & 4)) = 0 ] || file_system=ext3
    [ $((features & 0x2c0)) = 0 ] || file_system=ext4
    state=$(od -An -v -tu2 -j 1082 -N 2 /run/head)
    # partclone takes one that was unmounted cleanly, and whose journal has nothing left to do.
    [ $((state)) = 1 ] && [ $((features & 4)) = 0 ] || return 0
    stream_format=extfs
    # s_blocks_count, s_free_blocks_count, s_log_block_size
    set -- $(od -An -v -tu4 -j 1028 -N 24 /run/head)
    stream_bytes=$((($1 - $3) * (1024 << $6)))
  elif [ "$(magic 3 8)" = 'NTFS    ' ]; then
    file_system=ntfs stream_format=ntfs
  elif [ "$(magic 54 3)" = FAT ] || [ "$(magic 82 5)" = FAT32 ]; then
    file_system=vfat
    fat_is_of_partclone || return 0
    stream_format=fat
  elif [ "$(magic 4086 10)" = SWAPSPACE2 ]; then
    file_system=swap stream_format=swap
  elif [ "$(magic 0 4)" = XFSB ]; then
    file_system=xfs
  elif [ "$(magic 65600 8)" = _BHRfS_M ]; then
    file_system=btrfs
  fi
}

# fat_is_of_partclone: whether partclone reads the FAT of what was read last as it is: it goes by the text alone, and does not read the entries
# of FAT12 (decision 193). The number of clusters decides what it is, and FAT32 alone has no 16-bit size of its tables.
fat_is_of_partclone() {
  local sector_bytes cluster_sectors reserved tables root_entries sectors table_sectors
  table_sectors=$(head_number 22 2)
  [ "$table_sectors" != 0 ] || { [ "$(magic 82 5)" = FAT32 ]; return; }
  sector_bytes=$(head_number 11 2) cluster_sectors=$(head_number 13 1) reserved=$(head_number 14 2) tables=$(head_number 16 1)
  root_entries=$(head_number 17 2) sectors=$(head_number 19 2)
  [ "$sectors" != 0 ] || sectors=$(head_number 32 4)
  [ "$sector_bytes" != 0 ] && [ "$cluster_sectors" != 0 ] || return 1
  sectors=$((sectors - reserved - tables * table_sectors - (root_entries * 32 + sector_bytes - 1) / sector_bytes))
  [ $((sectors / cluster_sectors)) -ge 4085 ] && [ "$(head_number 38 1)" = 41 ] && [ "$(magic 54 5)" = FAT16 ]
}

# head_number OFFSET BYTES: prints that unsigned number of what was read last, as a processor with its low byte first has it.
head_number() {
  echo $(($(od -An -v -tu$2 -j "$1" -N "$2" /run/head)))
}

# magic OFFSET LENGTH: prints that text of what was read last; a zero byte as a dot.
magic() {
  dd if=/run/head bs=1 skip="$1" count="$2" 2>/run/head-error | tr '\000' .
}
