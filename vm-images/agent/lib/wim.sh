# Reads the header and XML of a WIM file, with the two reads that Windows' setup makes: the header (4096 bytes at 0) and the tail
# from the 4096-aligned offset of the page where its XML begins, both bypassing the page cache.

WIM_PAGE=4096

# wim_xml FILE: prints the file's XML as UTF-8; false if FILE is not a WIM.
wim_xml() {
  local size offset original start length
  dd if="$1" of=/run/wim-header bs=$WIM_PAGE count=1 iflag=direct status=none || return 1
  [ "$(head -c 5 /run/wim-header)" = MSWIM ] || return 1
  # Resource header of the XML at 0x48: size in 7 bytes and flags in the 8th, offset, original size.
  set -- "$1" $(od -An -v -tu8 -j 72 -N 24 /run/wim-header)
  size=$(($2 & 0xffffffffffffff)) offset=$3 original=$4
  [ "$size" = "$original" ] && [ "$size" -gt 0 ] && [ "$size" -lt 16777216 ] || return 1
  start=$((offset / WIM_PAGE * WIM_PAGE))
  length=$(((offset + size - start + WIM_PAGE - 1) / WIM_PAGE * WIM_PAGE))
  dd if="$1" of=/run/wim-tail bs=$length skip=$start count=1 iflag=direct,skip_bytes status=none || return 1
  od -An -v -tu2 -w2 -j $((offset - start)) -N "$size" /run/wim-tail | awk -f /agent/utf16.awk
}

# wim_shared FILE: call it after wim_xml. Sets `shared` to the name of the file beside FILE that holds the data of its files, or
# to the empty string if FILE holds them itself. Total parts are at 0x2A; WDS has one such file in each image group.
wim_shared() {
  shared=
  set -- $(od -An -v -tu2 -j 42 -N 2 /run/wim-header)
  [ "$1" = 1 ] || shared=Res.rwm
}

# wim_images: prints one line per image from XML on standard input: index, total bytes, architecture code (or -), name, separated
# by tabs.
wim_images() {
  awk -f /agent/wim-images.awk
}
