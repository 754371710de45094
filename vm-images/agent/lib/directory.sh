# The domain: a ticket for the user, and a computer account for the installed system.

KEYTAB=etc/krb5.keytab

# directory_open: writes the Kerberos configuration of the domain; does nothing without a domain. kdc_timesync off: a wrong clock
# must show on the wire; otherwise kinit corrects it by the time in the first refusal.
directory_open() {
  [ -n "$option_realm" ] || return 0
  directory_realm=$(printf %s "$option_realm" | tr a-z A-Z)
  cat >/etc/krb5.conf <<END
[libdefaults]
  default_realm = $directory_realm
  dns_lookup_realm = false
  dns_lookup_kdc = true
  rdns = false
  dns_canonicalize_hostname = false
  kdc_timesync = 0
  udp_preference_limit = 1465
END
}

# directory_ticket: gets a ticket-granting ticket for the user; on failure sets directory_error.
directory_ticket() {
  directory_error=$(printf '%s\n' "$option_password" | kinit "$option_user@$directory_realm" 2>&1 >/dev/null) && return 0
  directory_error=${directory_error##*kinit: }
  return 1
}

# directory_join NAME: joins the installed computer to the account NAME and writes its key to the disk; on failure sets
# directory_error.
directory_join() {
  local host
  host=$(printf %s "$1" | tr A-Z a-z).$option_realm
  mkdir -p "$TARGET/${KEYTAB%/*}"
  directory_error=$(printf %s "$option_password" | adcli join --domain="$option_realm" --domain-controller="$option_controller" \
    --login-user="$option_user" --stdin-password --computer-name="$1" --host-fqdn="$host" --host-keytab="FILE:$TARGET/$KEYTAB" 2>&1) && return 0
  directory_error=${directory_error##*adcli: }
  return 1
}
