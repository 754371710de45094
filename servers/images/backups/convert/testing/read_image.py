"""Prints size and SHA-256 of the disk in an image, as libyal's readers see it: programs that share nothing with QEMU."""

import hashlib
import importlib
import os
import sys

module, file = sys.argv[1:]
image = importlib.import_module(module)
disk = image.open(file)
if module == "pyvmdk":
    disk.open_extent_data_files()
left = disk.get_media_size()
print(left)
digest = hashlib.sha256()
while left > 0:
    data = disk.read_buffer(min(left, 1 << 20))
    if not data:
        break
    digest.update(data)
    left -= len(data)
print(digest.hexdigest(), flush=True)
# libvmdk 20240510 has ended with SIGSEGV while Python freed its objects, after it had given the whole answer. Nothing is freed then.
os._exit(0)
