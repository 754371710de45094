# A bare smbd for the benches, sourced inside their namespaces: needs /run of its own.

# bare_smb HOST SHARE_ROOT OUT_FOLDER: starts smbd in the network namespace HOST; the account is the bundled scenarios'.
bare_smb() {
  local host=$1 share_root=$2 out=$3 smb=/run/smb
  mkdir -p $smb/{private,lock,state,cache,pid,ncalrpc}
  cat >$smb/smb.conf <<EOF
[global]
  workgroup = SYSTEM
  netbios name = WDS
  server role = standalone server
  security = user
  map to guest = never
  username map = $smb/users
  host msdfs = yes
  use sendfile = yes
  aio read size = 0
  disable netbios = yes
  smb ports = 445
  interfaces = eth0
  bind interfaces only = yes
  load printers = no
  disable spoolss = yes
  server min protocol = NT1
  private dir = $smb/private
  lock directory = $smb/lock
  state directory = $smb/state
  cache directory = $smb/cache
  pid directory = $smb/pid
  ncalrpc dir = $smb/ncalrpc
  log file = $out/smbd.log
[REMINST]
  path = $share_root
  read only = yes
EOF
  echo 'root = administrateur' >$smb/users
  printf 'Passw0rd.lab\nPassw0rd.lab\n' | pdbedit -s $smb/smb.conf -a -t -u root >/dev/null
  ip netns exec "$host" smbd -F --no-process-group -s $smb/smb.conf </dev/null >"$out/smbd.out" 2>&1 &
}
