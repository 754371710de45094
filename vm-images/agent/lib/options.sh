# Options from the kernel command line: pxw.NAME=VALUE, values percent-encoded (agent-options.ts writes them).

option_mode=install option_server= option_share= option_domain= option_user= option_password=
option_authentication=ntlm option_realm= option_controller= option_join=
option_image= option_imageindex= option_imagename= option_unattended=0 option_disk= option_control= option_multicast=
option_store= option_storepassword= option_storetls=0 option_client= option_backupof= option_backup=latest option_snapshots= option_paths=

options_read() {
  local line word name
  read -r line </proc/cmdline
  for word in $line; do
    case $word in
      pxw.mode=* | pxw.server=* | pxw.share=* | pxw.domain=* | pxw.user=* | pxw.password=* | pxw.authentication=* | pxw.realm=* | pxw.controller=* | pxw.join=* | pxw.image=* | pxw.imageindex=* | pxw.imagename=* | pxw.unattended=* | pxw.disk=* | pxw.control=* | pxw.multicast=* | \
      pxw.store=* | pxw.storepassword=* | pxw.storetls=* | pxw.client=* | pxw.backupof=* | pxw.backup=* | pxw.snapshots=* | pxw.paths=*)
        name=${word%%=*}
        percent_decode "${word#*=}"
        eval "option_${name#pxw.}=\$decoded"
        ;;
    esac
  done
}

# percent_decode TEXT: sets `decoded`. The encoder leaves no backslash, so printf sees only the escapes made here.
percent_decode() {
  decoded=$1
  case $1 in *%*) decoded=$(printf '%b' "${1//%/\\x}") ;; esac
}
