"""Provisions an Active Directory domain into a folder: provision.py FOLDER REALM DOMAIN HOST ADDRESS

samba-tool's own command cannot do this as an ordinary user: it writes the access control lists of the group policies' share,
for which smbd's code calls setgroups(2). Samba's provision() can leave them out, as Samba's own join tests do.
"""

import logging
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB

folder, realm, domain, host, address = sys.argv[1:]
logger = logging.getLogger()
logger.addHandler(logging.StreamHandler())
logger.setLevel(logging.WARNING)

# A separate configuration: /etc/samba/smb.conf belongs to the host.
with open(folder + "/smb.conf", "w") as file:
    file.write("[global]\n")
lp = LoadParm()
lp.load(folder + "/smb.conf")
result = provision(
    logger, system_session(), smbconf=folder + "/smb.conf", targetdir=folder, lp=lp,
    realm=realm.upper(), domain=domain, hostname=host.lower(), hostip=address,
    serverrole="active directory domain controller", dns_backend="SAMBA_INTERNAL", useeadb=True, skip_sysvolacl=True,
)

samdb = SamDB(url=folder + "/private/sam.ldb", session_info=system_session(), lp=result.lp)
# What `samba_spnupdate` enters while a controller runs; without it a client finds no Kerberos service for LDAP.
principals = ["%s/%s%s" % (service, name, suffix)
              for name in ("%s.%s" % (host.lower(), realm.lower()), host.upper())
              for service, suffix in (("ldap", ""), ("ldap", "/" + realm.lower()), ("ldap", "/" + domain), ("RestrictedKrbHost", ""))]
controller = ldb.Message(ldb.Dn(samdb, "CN=%s,OU=Domain Controllers,%s" % (host.upper(), samdb.domain_dn())))
known = {str(value).lower() for value in samdb.search(controller.dn, scope=ldb.SCOPE_BASE, attrs=["servicePrincipalName"])[0]["servicePrincipalName"]}
missing = [name for name in principals if name.lower() not in known]
controller["servicePrincipalName"] = ldb.MessageElement(missing, ldb.FLAG_MOD_ADD, "servicePrincipalName")
samdb.modify(controller)

# Passwords come from the scenario: any length, any characters.
policy = ldb.Message(ldb.Dn(samdb, samdb.domain_dn()))
for name, value in (("minPwdLength", "0"), ("pwdProperties", "0"), ("minPwdAge", "0")):
    policy[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
samdb.modify(policy)
