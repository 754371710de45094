# The restoring of a backup, stage by stage: finds it in the store, divides the disk as it was, and writes the partitions. It can be
# begun again at any time; what makes the disk start is written last.

RESTORE_STEPS='network:Start the network
store:Open the store
find:Find the backup
partition:Divide the disk
restore:Write the disk
finish:Switch off'

# The list of the backup and what is beside it; its fields, as json.awk prints them; its partitions, one a line: number, first
# sector, sectors, format, snapshot, bytes of its stream, with tabs between.
RESTORE_FOLDER=/run/restore
RESTORE_FIELDS=/run/restore-fields
RESTORE_PARTITIONS=/run/restore-partitions

restore_run() {
  install_network
  screen_stage store 'Opening the store'
  backup_client=${option_backupof:-$option_client}
  store_open
  store_list "$backup_client"
  restore_find
  restore_partition
  restore_write
  restore_finish
}

restore_find() {
  local manifests snapshot path format
  screen_stage find 'Looking for the backup'
  manifests=$(awk -F '\t' '$3 == "manifest" { print $2 }' "$STORE_SNAPSHOTS" | sort)
  [ -n "$manifests" ] || fail find "the store at $option_store has no backup of $backup_client${store_said:+ ($store_said)}"
  backup_id=$option_backup
  [ "$backup_id" != latest ] || backup_id=$(printf '%s\n' "$manifests" | tail -n 1)
  snapshot=$(awk -F '\t' -v id="$backup_id" '$3 == "manifest" && $2 == id { print $1 }' "$STORE_SNAPSHOTS" | tail -n 1)
  [ -n "$snapshot" ] ||
    fail find "the store at $option_store has no backup $backup_id of $backup_client; it has $(printf '%s\n' "$manifests" | tail -n 5 | paste -s -d ' ' -)"
  path=$(awk -F '\t' -v id="$snapshot" '$1 == id { print $4 }' "$STORE_SNAPSHOTS")
  mkdir -p "$RESTORE_FOLDER"
  store_do restore_unpack dump --archive tar "$snapshot:$path" /
  [ "$store_status" = 0 ] || store_fail find "reading the list of backup $backup_id"
  awk -v RS='\001' -f /agent/json.awk "$RESTORE_FOLDER/backup.json" >"$RESTORE_FIELDS" && restore_field format; format=$value
  [ "$format" = 1 ] ||
    fail find "backup.json of $backup_id has format ${format:-none}, this boot image reads 1; use the boot image of the version that made it"
  restore_field disk.bytes; saved_bytes=$value
  restore_field disk.label; table_label=$value
  restore_field disk.sectorBytes; saved_sector_bytes=$value
  restore_rows >"$RESTORE_PARTITIONS"
  restore_complete
}

restore_unpack() {
  tar -x -C "$RESTORE_FOLDER" -f -
}

# restore_field PATH: sets `value` to a field of the list.
restore_field() {
  value=$(awk -F '\t' -v path="$1" '$2 == path { print $3 }' "$RESTORE_FIELDS")
}

# An EFI system partition comes last: without it a computer does not start from a disk that is written to a part.
restore_rows() {
  awk -F '\t' '
    function row(of) { return number[of] "\t" start[of] "\t" sectors[of] "\t" format[of] "\t" snapshot[of] "\t" bytes[of] }
    split($2, path, ".") == 3 && path[1] == "partitions" {
      at = path[2]
      if (at + 1 > count) count = at + 1
      if (path[3] == "number") number[at] = $3
      if (path[3] == "startSector") start[at] = $3
      if (path[3] == "sectors") sectors[at] = $3
      if (path[3] == "format") format[at] = $3
      if (path[3] == "snapshot") snapshot[at] = $3
      if (path[3] == "bytes") bytes[at] = $3
      if (path[3] == "type") last[at] = toupper($3) == "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" || toupper($3) == "EF"
    }
    END {
      for (at = 0; at < count; at++) if (!last[at]) print row(at)
      for (at = 0; at < count; at++) if (last[at]) print row(at)
    }' "$RESTORE_FIELDS"
}

# restore_complete: a backup is worth nothing without each of its snapshots.
restore_complete() {
  local number start sectors format snapshot stream_bytes
  while IFS='	' read -r number start sectors format snapshot stream_bytes; do
    grep -q "^$snapshot	" "$STORE_SNAPSHOTS" ||
      fail find "backup $backup_id of $backup_client is incomplete: the store has no snapshot $(printf %.8s "$snapshot") of partition $number; restore another backup"
  done <"$RESTORE_PARTITIONS"
}

restore_partition() {
  screen_stage partition 'Preparing the disk'
  wait_until 10 disk_find || fail partition 'no disk found within 10 s; see whether the computer has one and this boot image has its driver'
  [ "$disk_sector_bytes" = "$saved_sector_bytes" ] ||
    fail partition "disk $disk has sectors of $disk_sector_bytes bytes, the backup is of a disk with sectors of $saved_sector_bytes"
  restore_fit
  restore_wipe || fail partition "writing to $disk: $(head -n 1 /run/partitioning.log)"
  [ "$table_label" = none ] || restore_table || fail partition "partitioning $disk: $(tail -n 1 /run/partitioning.log)"
  event agent.partitioned disk="$disk" bytes:="$disk_bytes" partitions:="$(wc -l <"$PARTITIONS")"
}

# restore_fit: checks that everything fits; sets resized to the number of the last partition when that gets what a disk of another size
# has left: one whose file system can grow, or a swap area, whose size says nothing of its content.
restore_fit() {
  local last end reserve=0 format need
  resized=
  if [ "$table_label" = none ]; then
    printf '0\t0\t%s\t-\t-\t-\n' $((saved_bytes / saved_sector_bytes)) >"$PARTITIONS"
  else
    table_rows <"$RESTORE_FOLDER/table.sfdisk" >"$PARTITIONS"
  fi
  # A GPT's copy at the end of the disk: 128 entries of 128 bytes, and a header.
  [ "$table_label" != gpt ] || reserve=$((16384 + disk_sector_bytes))
  set -- $(awk -F '\t' '
    $2 + $3 > end { end = $2 + $3 }
    $2 + $3 > last && $4 !~ /^(0?[5fF]|85)$/ { last = $2 + $3; number = $1; start = $2 }
    END { printf "%d %.0f %.0f", number, start, end }' "$PARTITIONS")
  last=$1 need=$(($3 * disk_sector_bytes + reserve))
  format=$(awk -F '\t' -v number="$last" '$1 == number { print $4 }' "$RESTORE_PARTITIONS")
  case $format in
    swap)
      [ "$disk_bytes" = "$saved_bytes" ] || resized=$last
      [ "$disk_bytes" -ge "$saved_bytes" ] || need=$((($2 + 2048) * disk_sector_bytes + reserve))
      ;;
    extfs | ntfs) [ "$disk_bytes" -le "$saved_bytes" ] || resized=$last ;;
  esac
  [ "$disk_bytes" -ge $need ] ||
    fail partition "disk $disk is too small: it has $disk_bytes bytes ($((disk_bytes >> 20)) MiB), backup $backup_id needs $need ($(((need + 1048575) >> 20)) MiB)"
}

# restore_wipe: removes what the disk had at its ends, tables and boot code.
restore_wipe() {
  dd if=/dev/zero of="$disk" bs=512 count=2048 conv=notrunc,fsync 2>/run/partitioning.log &&
    dd if=/dev/zero of="$disk" bs=512 count=2048 seek=$((disk_bytes / 512 - 2048)) conv=notrunc,fsync 2>/run/partitioning.log
}

# restore_table: writes the table, with a last partition that reaches to the end when it is resized, and the one that holds it.
restore_table() {
  awk -v resized="$resized" -v same="$([ "$disk_bytes" = "$saved_bytes" ] && echo 1)" '
    NR == FNR { split($0, row, "\t"); start[row[1]] = row[2] + 0; end[row[1]] = row[2] + row[3]; next }
    /^last-lba:/ && !same { next }
    / : start=/ && resized != "" {
      match($1, /[0-9]+$/)
      number = substr($1, RSTART)
      if (number == resized || (start[number] < start[resized] && end[number] >= end[resized])) sub(/, size= *[0-9]+/, "")
    }
    { print }' "$PARTITIONS" "$RESTORE_FOLDER/table.sfdisk" >/run/restore-table
  sfdisk --quiet --wipe=always --wipe-partitions=always "$disk" </run/restore-table >/run/partitioning.log 2>&1 &&
    sfdisk -d "$disk" 2>>/run/partitioning.log | table_rows >"$PARTITIONS"
}

restore_write() {
  local number start sectors format snapshot stream_bytes
  screen_stage restore "Writing $disk"
  while IFS='	' read -r number start sectors format snapshot stream_bytes; do
    restore_one
  done <"$RESTORE_PARTITIONS"
  [ "$table_label" = none ] || restore_boot_code || fail restore "writing the boot code of $disk: $(head -n 1 /run/boot-error)"
}

# restore_one: writes the partition that number, sectors, format and snapshot say.
restore_one() {
  local bytes error
  partition_open "$number" || fail restore "$device, partition $number of $disk, is not there"
  bytes=$disk_bytes
  [ "$number" = 0 ] || bytes=$(($(awk -F '\t' -v number="$number" '$1 == number { print $3 }' "$PARTITIONS") * disk_sector_bytes))
  card_text "Partition $number  $format, $((bytes >> 20)) MiB"
  stream_percent=-1 store_progress=restore_progress
  event agent.restore partition:="$number"
  case $format in extfs | ntfs | fat) set -- restore_partclone ;; *) set -- restore_raw ;; esac
  store_do "$1" dump "$snapshot" "/part-$number.$format"
  # What ends by SIGPIPE was not what failed first.
  case $store_status:$store_sink_status in
    0:0) ;;
    0:* | 141:*) fail restore "$disk is incomplete: writing partition $number: $(tail -n 1 /run/restore.log)" ;;
    *) store_fail restore "$disk is incomplete: reading partition $number of backup $backup_id" ;;
  esac
  store_progress=true
  error=$(restore_adjust) || fail restore "partition $number of $disk: $error"
  error=$(partition_close) || fail restore "partition $number of $disk: $error"
}

# restore_progress BYTES
restore_progress() {
  store_percent agent.restore written "$1"
}

restore_partclone() {
  partclone.restore -q -f 1 -L /run/restore.log -s - -O "$device" >/run/partclone-output 2>&1
}

restore_raw() {
  dd of="$device" bs=1048576 iflag=fullblock conv=notrunc 2>/run/restore.log
}

# restore_adjust: what a stream does not have, and what the size of a partition changes; prints what went wrong.
restore_adjust() {
  local grows=
  [ "$number" != "$resized" ] || grows=1
  case $format in
    ntfs)
      ntfs_boot_copy 2>&1 || return 1
      [ -z "$grows" ] || yes | ntfsresize --force --force --no-progress-bar "$device" >/run/grow.log 2>&1 || { tail -n 1 /run/grow.log; return 1; }
      ;;
    extfs)
      [ -n "$grows" ] || return 0
      # 1: errors corrected, which the older time of the last check counts as.
      e2fsck -fp "$device" >/run/grow.log 2>&1 || [ $? = 1 ] || { tail -n 1 /run/grow.log; return 1; }
      resize2fs "$device" >/run/grow.log 2>&1 || { tail -n 1 /run/grow.log; return 1; }
      ;;
    swap) [ -z "$grows" ] || swap_resize 2>&1 ;;
  esac
}

# ntfs_boot_copy: NTFS keeps a copy of its boot sector behind its last cluster, which is in no stream. Bytes a sector are at 11, the
# number of sectors without that one at 40.
ntfs_boot_copy() {
  local sector_bytes sectors
  sector_bytes=$(od -An -v -tu2 -j 11 -N 2 "$device")
  sectors=$(od -An -v -tu8 -j 40 -N 8 "$device")
  [ $(((sectors + 1) * sector_bytes)) -le "$bytes" ] || return 0
  dd if="$device" of=/run/ntfs-boot bs=$((sector_bytes)) count=1 2>/run/grow.log &&
    dd if=/run/ntfs-boot of="$device" bs=$((sector_bytes)) seek=$((sectors)) conv=notrunc 2>/run/grow.log
}

# swap_resize: the number of the last page of 4096 bytes is at 1028.
swap_resize() {
  local last=$((bytes / 4096 - 1))
  printf "\\$(printf %o $((last & 255)))\\$(printf %o $((last >> 8 & 255)))\\$(printf %o $((last >> 16 & 255)))\\$(printf %o $((last >> 24 & 255)))" |
    dd of="$device" bs=1 seek=1028 conv=notrunc 2>/run/grow.log
}

# restore_boot_code: the gap before the first partition, which a BIOS's boot loader may fill, and the code in the first sector, without
# the table that sfdisk has written. A GPT's header and entries lie between them.
restore_boot_code() {
  local gap=1
  [ "$table_label" = dos ] || gap=$(((2 * disk_sector_bytes + 16384) / 512))
  dd if="$RESTORE_FOLDER/boot.bin" of="$disk" bs=512 skip=$gap seek=$gap conv=notrunc 2>/run/boot-error &&
    dd if="$RESTORE_FOLDER/boot.bin" of="$disk" bs=440 count=1 conv=notrunc 2>/run/boot-error &&
    sync "$disk" 2>/run/boot-error
}

restore_finish() {
  screen_stage finish 'The disk is written'
  event agent.restored id="$backup_id" client="$backup_client" disk="$disk" bytes:="$disk_bytes" partitions:="$(wc -l <"$RESTORE_PARTITIONS")"
  event agent.result ok:=true
  computer_stop poweroff
}
