# The backup of a disk, stage by stage: finds it, saves each partition as a snapshot of the store, and at last the list of these
# snapshots, which makes them a backup (decision 193; the list's form: servers/images/backup-store/manifest.ts).

BACKUP_STEPS='network:Start the network
store:Open the store
find:Find the disk
backup:Save the disk
finish:Switch off'
# `hot`: of a disk that is written meanwhile.
backup_kind=cold
# The rows of PARTITIONS that are saved.
BACKUP_CONTENTS=/run/backup-contents

backup_run() {
  install_network
  backup_store
  backup_find
  backup_save
  backup_finish
}

backup_store() {
  screen_stage store 'Opening the store'
  store_open
  backup_name
}

# The first command shows whether the password is right. The backup is named for its begin; a second one of the same second waits.
backup_name() {
  store_list "$option_client"
  backup_parent=$(awk -F '\t' '$3 == "manifest" { print $2 }' "$STORE_SNAPSHOTS" | sort | tail -n 1)
  while :; do
    backup_id=$(date -u +%Y%m%dT%H%M%SZ)
    grep -q "	$backup_id	" "$STORE_SNAPSHOTS" || break
    usleep 200000
  done
  backup_began_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  BACKUP_FOLDER=/run/backup-$backup_id
  mkdir -p "$BACKUP_FOLDER"
}

# What is on the disk. The space before the first partition has the boot loader of a BIOS.
backup_find() {
  local first
  screen_stage find 'Looking for the disk'
  wait_until 10 disk_find || fail find 'no disk found within 10 s; see whether the computer has one and this boot image has its driver'
  table_read "$BACKUP_FOLDER/table.sfdisk"
  if [ "$table_label" = none ]; then
    printf '0\t0\t%s\t-\t-\t-\n' $((disk_bytes / disk_sector_bytes)) >"$PARTITIONS"
  else
    table_rows <"$BACKUP_FOLDER/table.sfdisk" >"$PARTITIONS"
    first=$(awk -F '\t' 'NR == 1 || $2 < first { first = $2 } END { print first }' "$PARTITIONS")
    first=$((first * disk_sector_bytes / 512))
    [ $first -le 2048 ] || first=2048
    dd if="$disk" of="$BACKUP_FOLDER/boot.bin" bs=512 count=$first 2>/run/boot-error ||
      fail find "reading the first $first sectors of $disk: $(head -n 1 /run/boot-error)"
  fi
  event agent.backup-found disk="$disk" bytes:="$disk_bytes" partitions:="$([ "$table_label" = none ] && echo 0 || wc -l <"$PARTITIONS")"
}

backup_save() {
  local number start sectors type uuid name
  screen_stage backup "Saving $disk"
  backup_bytes=0 backup_stored_bytes=0 backup_count=0 backup_list=
  table_contents <"$PARTITIONS" >"$BACKUP_CONTENTS"
  while IFS='	' read -r number start sectors type uuid name; do
    backup_partition
  done <"$BACKUP_CONTENTS"
  backup_write_list >"$BACKUP_FOLDER/backup.json"
  store_do - backup --json --host "$option_client" --tag "backup=$backup_id" --tag manifest "$BACKUP_FOLDER"
  [ "$store_status" = 0 ] || store_fail backup 'saving the list of what was saved'
}

# backup_partition: saves the partition that number, start, sectors, type, uuid and name say. A file system that partclone does
# not take, such as one that was not unmounted, is saved as every byte of its partition.
backup_partition() {
  local bytes stored snapshot
  partition_open "$number" || fail backup "$device, partition $number of $disk, is not there"
  snapshot_instead
  file_system_find "$device"
  card_text "Partition $number  $file_system, $((sectors * disk_sector_bytes >> 20)) MiB"
  stream_percent=-1 store_progress=backup_progress
  event agent.backup partition:="$number"
  [ "$stream_format" = raw ] || backup_stream || stream_format=raw
  if [ "$stream_format" = raw ]; then
    stream_bytes=$((sectors * disk_sector_bytes))
    backup_stream
  fi
  [ "$store_status" = 0 ] || store_fail backup "saving partition $number of $disk"
  store_progress=true
  snapshot=$(store_summary_field snapshot_id) bytes=$(store_summary_field total_bytes_processed) stored=$(store_summary_field data_added_packed)
  backup_add
}

# backup_stream: false if restic failed; one that failed because of the store ends the backup.
backup_stream() {
  set -- "partclone.$stream_format" -q -f 1 -L /run/partclone.log -a 0 -c -s "$device" -o -
  case $stream_format in
    raw) set -- cat "$device" ;;
    swap) set -- head -c 4096 "$device" ;;
  esac
  # A command that fails leaves nothing in the store.
  [ "$device" != $SNAPSHOT ] || set -- sh -c '"$@" && . /agent/snapshot.sh && snapshot_is_valid' snapshot "$@"
  store_do - backup --json --host "$option_client" --tag "backup=$backup_id" --tag "part=$number" \
    --stdin-filename "/part-$number.$stream_format" --stdin-from-command -- "$@"
  [ "$store_status" != 0 ] || return 0
  [ "$device" != $SNAPSHOT ] || snapshot_is_valid ||
    fail backup "the snapshot of $snapshot_of is lost: more was overwritten while it was saved than the $((snapshot_bytes >> 10)) KiB that it may keep, or than fits in memory; give it more, or save when less is written"
  case $store_status:$store_why:$store_said in
    # Nothing came: restic made a snapshot without the file.
    3:*) ;;
    1::*'command failed'*) ;;
    *) store_fail backup "saving partition $number of $disk" ;;
  esac
  return 1
}

# backup_progress BYTES
backup_progress() {
  store_percent agent.backup saved "$1"
}

# backup_add: adds the partition to the list.
backup_add() {
  local text
  text="{\"number\":$number,\"startSector\":$start,\"sectors\":$sectors"
  [ "$type" = - ] || text="$text,\"type\":\"$type\""
  if [ "$name" != - ]; then
    # sfdisk's escapes are printf's.
    json_string "$(printf %b "$name")"
    text="$text,\"name\":$json"
  fi
  [ "$uuid" = - ] || text="$text,\"uuid\":\"$uuid\""
  text="$text,\"fileSystem\":\"$file_system\",\"format\":\"$stream_format\",\"snapshot\":\"$snapshot\",\"bytes\":$bytes,\"storedBytes\":$stored}"
  backup_list="$backup_list${backup_list:+,}
  $text"
  backup_bytes=$((backup_bytes + bytes)) backup_stored_bytes=$((backup_stored_bytes + stored)) backup_count=$((backup_count + 1))
}

backup_write_list() {
  local parent=null
  [ -z "$backup_parent" ] || parent="\"$backup_parent\""
  json_string "$option_client"
  cat <<EOF_LIST
{"format":1,"id":"$backup_id","client":$json,"mac":"$network_mac","firmware":"$firmware","kind":"$backup_kind","parent":$parent,
 "beganAt":"$backup_began_at","endedAt":"$(date -u +%Y-%m-%dT%H:%M:%SZ)",
 "disk":{"name":"${disk##*/}","bytes":$disk_bytes,"sectorBytes":$disk_sector_bytes,"label":"$table_label"},
 "partitions":[$backup_list
 ]}
EOF_LIST
}

backup_told() {
  event agent.backed-up id="$backup_id" bytes:="$backup_bytes" storedBytes:="$backup_stored_bytes" partitions:="$backup_count"
}

backup_finish() {
  screen_stage finish 'The backup is in the store'
  backup_told
  event agent.result ok:=true
  computer_stop poweroff
}
