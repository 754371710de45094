"""Changes one computer account of a Samba domain: directory_account.py SMB.CONF <CHANGE

The change is JSON on standard input, as account-change.ts has it. Prints what was done: made, renamed, deleted, reset or nothing. It is one
transaction of the database that the controller has open, too: done whole or not at all. Exit 3: the directory is not as the change
expects it; standard error says what was expected and got.
"""

import json
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

# userAccountControl (MS-ADTS 2.2.16).
WORKSTATION_TRUST_ACCOUNT = 0x1000
PASSWORD_NOT_REQUIRED = 0x20
# The well-known container Computers (MS-ADTS 6.1.1.4).
COMPUTERS = "AA312825768811D1ADED00C04FD8D5CD"
# What a computer account has after "Reset Account" in Windows: its name in lowercase, of at most so many characters.
MOST_DEFAULT_CHARACTERS = 14


class Refused(Exception):
    """The directory is not as the change expects it."""


def account(samdb, name):
    found = samdb.search(samdb.domain_dn(), scope=ldb.SCOPE_SUBTREE, expression="(sAMAccountName=%s$)" % ldb.binary_encode(name),
                         attrs=["userAccountControl", "dNSHostName"])
    return found[0] if len(found) > 0 else None


def workstation(samdb, name):
    """The account, if it may be changed: a domain controller's may not."""
    found = account(samdb, name)
    if found is not None and not int(str(found["userAccountControl"])) & WORKSTATION_TRUST_ACCOUNT:
        raise Refused("expected the account of a workstation, got %s$, which is %s" % (name, found.dn))
    return found


def ensure(samdb, name, make, formerName=None, organizationalUnit=None):
    """One account of that name: there already when the computer had the name before, else the one of its former name, else a new one."""
    same = formerName is not None and formerName.lower() == name.lower()
    found = account(samdb, name)
    if found is not None and not same:
        raise Refused("expected a computer name that the directory does not have, got %s, which is %s: take another one, or delete that account first" % (name, found.dn))
    former = None if formerName is None or same else workstation(samdb, formerName)
    if former is not None:
        return rename(samdb, former, name)
    return "nothing" if found is not None or not make else add(samdb, name, organizationalUnit)


def add(samdb, name, unit):
    try:
        dn = samdb.get_wellknown_dn(samdb.get_default_basedn(), COMPUTERS) if unit is None else samdb.normalize_dn_in_domain(unit)
    except ValueError:
        raise Refused("expected a distinguished name such as OU=Workshop, got %s" % unit)
    if len(samdb.search(samdb.domain_dn(), expression="(distinguishedName=%s)" % ldb.binary_encode(str(dn)), attrs=["dn"])) == 0:
        raise Refused("expected an organizational unit that the directory has, got %s" % dn)
    dn.add_child(ldb.Dn(samdb, "CN=%s" % name))
    samdb.add({"dn": dn, "objectClass": "computer", "sAMAccountName": name.upper() + "$", "userAccountControl": str(WORKSTATION_TRUST_ACCOUNT | PASSWORD_NOT_REQUIRED)})
    return "made"


def rename(samdb, former, name):
    """Keeps SID, password and memberships. The host name goes with the name, and the service principal names with both: Samba sees to them."""
    dn = former.dn.parent()
    dn.add_child(ldb.Dn(samdb, "CN=%s" % name))
    samdb.rename(former.dn, dn)
    names = {"sAMAccountName": name.upper() + "$"}
    if "dNSHostName" in former:
        names["dNSHostName"] = "%s.%s" % (name.lower(), samdb.domain_dns_name())
    samdb.modify(ldb.Message.from_dict(samdb, {"dn": dn, **names}, ldb.FLAG_MOD_REPLACE))
    return "renamed"


def delete(samdb, name):
    found = workstation(samdb, name)
    if found is None:
        return "nothing"
    # Recovery keys of its disks, and what else hangs below it, go with it.
    samdb.delete(found.dn, ["tree_delete:1"])
    return "deleted"


def reset(samdb, name):
    if workstation(samdb, name) is None:
        return "nothing"
    samdb.setpassword("(sAMAccountName=%s$)" % ldb.binary_encode(name), name.lower()[:MOST_DEFAULT_CHARACTERS])
    return "reset"


def main(smb_conf, verb, **change):
    lp = LoadParm()
    lp.load(smb_conf)
    samdb = SamDB(session_info=system_session(), lp=lp)
    samdb.transaction_start()
    try:
        done = {"ensure": ensure, "delete": delete, "reset": reset}[verb](samdb, **change)
    except BaseException:
        samdb.transaction_cancel()
        raise
    samdb.transaction_commit()
    print(done)


try:
    main(sys.argv[1], **json.load(sys.stdin))
except (Refused, ldb.LdbError) as error:
    print(error if isinstance(error, Refused) else error.args[1], file=sys.stderr)
    sys.exit(3 if isinstance(error, Refused) else 1)
