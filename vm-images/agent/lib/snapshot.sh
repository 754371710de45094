# A mounted file system as it was at one moment: device-mapper's snapshot, as lvcreate --snapshot makes it. No volume manager is on the
# disk, so that the device which this needs is put beneath the file system before it is mounted; nothing of it is on the disk.

SNAPSHOT_PROGRAM=/usr/sbin/dmsetup
SNAPSHOT_NODES=/dev/mapper
# What is mounted in place of the partition, and what is read in place of it.
SNAPSHOT_ORIGIN=$SNAPSHOT_NODES/origin SNAPSHOT=$SNAPSHOT_NODES/snapshot
# A file system in memory with one file: what the snapshot keeps of that which is overwritten.
SNAPSHOT_FOLDER=/run/snapshot
# Sectors that are kept at once: 4 KiB, lvcreate's default and an ext4 block.
SNAPSHOT_CHUNK=8
snapshot_of= snapshot_sectors= snapshot_store= snapshot_bytes= snapshot_held_ms= snapshot_error=
# Nobody but this program makes the nodes of the devices, or waits for them.
export DM_DISABLE_UDEV=1

# snapshot_beneath PARTITION: puts a device beneath what will be mounted as SNAPSHOT_ORIGIN; says on failure why in snapshot_error.
snapshot_beneath() {
  snapshot_error= snapshot_of=$1
  [ -x $SNAPSHOT_PROGRAM ] || { snapshot_error='this boot image has no dmsetup; have the boot program load snapshot.img after agent.img'; return 1; }
  read -r snapshot_sectors <"/sys/class/block/${1##*/}/size"
  # Some kernels have them built in.
  modprobe -aq dm-mod dm-snapshot loop 2>/dev/null
  dmsetup create origin --table "0 $snapshot_sectors snapshot-origin $1" 2>/run/snapshot-error ||
    { snapshot_failed 'putting it beneath'; return 1; }
}

# snapshot_failed WHAT
snapshot_failed() {
  snapshot_error="$1: $(cat /run/snapshot-error)"
}

# snapshot_take KIB: makes SNAPSHOT, which keeps up to so many KiB. What is mounted stands still between suspend and resume: its
# journal is then empty. Sets snapshot_held_ms; says on failure why in snapshot_error.
snapshot_take() {
  local began
  snapshot_bytes=$(($1 * 1024)) snapshot_error=
  { mkdir -p $SNAPSHOT_FOLDER &&
    mount -t tmpfs -o "size=$1k" snapshot $SNAPSHOT_FOLDER &&
    truncate -s $snapshot_bytes $SNAPSHOT_FOLDER/kept &&
    snapshot_store=$(losetup -f) &&
    losetup "$snapshot_store" $SNAPSHOT_FOLDER/kept; } 2>/run/snapshot-error || { snapshot_failed 'making room for it'; return 1; }
  uptime_now; began=$uptime_ms
  dmsetup suspend origin 2>/run/snapshot-error &&
    dmsetup create snapshot --table "0 $snapshot_sectors snapshot $snapshot_of $snapshot_store N $SNAPSHOT_CHUNK" 2>/run/snapshot-error ||
    snapshot_failed 'making it'
  # Whatever happened.
  dmsetup resume origin 2>/run/snapshot-error || snapshot_failed 'resuming what is mounted'
  uptime_now; snapshot_held_ms=$((uptime_ms - began))
  [ -z "$snapshot_error" ]
}

# snapshot_is_valid: false when more was overwritten than the snapshot could keep: it has no content any more.
snapshot_is_valid() {
  case $(dmsetup status snapshot 2>/dev/null) in *' snapshot '[0-9]*) true ;; *) false ;; esac
}

# snapshot_used: prints how many bytes it keeps.
snapshot_used() {
  local used
  used=$(dmsetup status snapshot 2>/dev/null) used=${used##* snapshot } used=${used%%/*}
  case $used in '' | *[!0-9]*) used=$((snapshot_bytes / 512)) ;; esac
  echo $((used * 512))
}

# snapshot_remove: removes what snapshot_take has made, and what it has left half-made.
snapshot_remove() {
  [ ! -e $SNAPSHOT ] || dmsetup remove --retry snapshot
  [ ! -b "$snapshot_store" ] || losetup -d "$snapshot_store" 2>/dev/null
  umount $SNAPSHOT_FOLDER 2>/dev/null
  snapshot_store=
}

# snapshot_instead: has `device` be the snapshot where it is the partition that is mounted.
snapshot_instead() {
  [ "$device" != "$snapshot_of" ] || device=$SNAPSHOT
}
