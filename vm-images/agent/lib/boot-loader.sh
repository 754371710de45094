# What starts the system on the disk: EXTLINUX for a BIOS, GRUB on an EFI system partition for UEFI, behind shim where the computer has
# Secure Boot. Each reads the configuration that the image has for it.

# Set by boot_loader_firmware: bios or uefi.
firmware=bios
# Room for the boot loader and for what a system adds later; a FAT32 file system must have 65 525 clusters, hence 33 MiB.
ESP_MIB=64
ESP=/run/esp
# Content of the EFI system partition; recipes/agent-uefi.ts makes it, for each firmware its own.
ESP_FILES=/agent/esp

# boot_loader_firmware: finds out what started this computer.
boot_loader_firmware() {
  [ -d /sys/firmware/efi ] && firmware=uefi
}

# boot_loader_check: checks before anything is written that the boot image can make a disk bootable; on failure sets disk_error.
boot_loader_check() {
  [ "$firmware" = bios ] || [ -d $ESP_FILES ] ||
    { disk_error='this boot image has no boot loader for UEFI; have the boot program load agent-uefi.img after agent.img'; return 1; }
}

# boot_loader_install: prints what went wrong.
boot_loader_install() {
  if [ "$firmware" = uefi ]; then boot_loader_uefi; else boot_loader_bios; fi 2>&1
}

boot_loader_bios() {
  extlinux --install "$TARGET/boot" && dd if=/agent/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
}

boot_loader_uefi() {
  mkdosfs -n ESP "$disk$disk_boot_number" && mkdir -p $ESP && mount -t vfat "$disk$disk_boot_number" $ESP && cp -r $ESP_FILES/EFI $ESP
}

# boot_loader_verify: checks that the boot loader's files exist and the firmware will find them; prints what is missing.
boot_loader_verify() {
  local file files='boot/ldlinux.sys boot/ldlinux.c32 boot/extlinux.conf'
  [ "$firmware" = bios ] || files=boot/grub/grub.cfg
  for file in $files; do
    [ -s "$TARGET/$file" ] || { echo "/$file is missing on the disk; an image that starts on $firmware must have its boot loader's configuration"; return 1; }
  done
  if [ "$firmware" = uefi ]; then
    umount $ESP && mount -t vfat -o ro "$disk$disk_boot_number" $ESP && diff -r $ESP_FILES $ESP >/run/esp-differences && umount $ESP ||
      { echo 'the boot loader is not on the EFI system partition'; return 1; }
  else
    [ "$(od -An -tx1 -j $((430 + 16 * disk_number)) -N 1 "$disk")" = ' 80' ] || { echo 'the partition is not active'; return 1; }
  fi
}
