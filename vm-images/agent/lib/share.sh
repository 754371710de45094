# The deployment share: logon and logoff.

SHARE=/share

# share_logon: mounts the share; on failure sets share_error.
# vers=2.1: the dialect of Windows 7's PE. closetimeo=0: the client sends CLOSE as soon as a file is closed, so the wire shows one
# open and one close per use. busybox's mount drops the doubled comma that stands for a comma in a password, so a password must
# not contain a comma; agent-options.ts refuses it.
share_logon() {
  local detail access=ro server=$option_server credentials="sec=ntlmssp,username=$option_user,domain=$option_domain,password=$option_password"
  [ "$option_mode" = capture ] && access=rw
  if [ "$option_authentication" = kerberos ]; then
    directory_ticket || { share_error=$directory_error; return 1; }
    # A service ticket names a host, not an address. The kernel gets it from cifs.upcall, which uses the cache that kinit filled.
    server=$option_controller credentials="sec=krb5,cruid=0,username=$option_user,ip=$option_server"
  fi
  share_error=$(mount -t cifs "//$server/$option_share" "$SHARE" \
    -o "$access,vers=2.1,$credentials,closetimeo=0,noserverino,nosharesock,iocharset=utf8" 2>&1) && return 0
  share_error=${share_error##*failed: }
  detail=$(dmesg | sed -n 's/^.*CIFS: *\(VFS: *\)\{0,1\}\(Status code returned\|.*STATUS_\)/\2/p' | head -n 1)
  share_error="$share_error${detail:+ ($detail)}"
  return 1
}

share_logoff() {
  umount "$SHARE"
}

# share_path 'Images\Linux\sample.wim': sets `path` to the local path of that file.
share_path() {
  path=$SHARE/${1//\\//}
}
