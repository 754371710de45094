# The deployment share: logon and logoff.

SHARE=/share

# share_logon: mounts the share; on failure sets share_error.
# vers=2.1 is what Windows 7's PE speaks. closetimeo=0: a close goes out when a file is closed, so that the wire shows
# one open and one close for each thing done. The kernel takes a doubled comma for a comma in a password.
share_logon() {
  local credentials="username=$option_user,domain=$option_domain,password=${option_password//,/,,}"
  share_error=$(mount -t cifs "//$option_server/$option_share" "$SHARE" \
    -o "ro,vers=2.1,sec=ntlmssp,$credentials,closetimeo=0,noserverino,nosharesock,iocharset=utf8" 2>&1) && return 0
  share_error="${share_error##*failed: } ($(dmesg | sed -n 's/^.*CIFS: *//p' | tail -n 1))"
  return 1
}

share_logoff() {
  umount "$SHARE"
}

# share_path 'Images\Linux\sample.wim': sets `path` to where that file is seen here.
share_path() {
  path=$SHARE/${1//\\//}
}
