"""Samba's own client asks the endpoint mapper under every mechanism and level: JSON of answers by binding options. Arguments: ADDRESS, an ept_map stub."""
import json
import sys
import tempfile

from samba import credentials, param
from samba.dcerpc import epmapper

address, stub = sys.argv[1], bytes.fromhex(sys.argv[2])
results = {}


def ask(options, password):
    lp = param.LoadParm()
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as conf:
        # Without an interface Samba's client refuses to work: there is loopback only.
        conf.write('[global]\nworkgroup = SYSTEM\ninterfaces = 127.0.0.1/8\n')
        conf.flush()
        lp.load(conf.name)
    who = credentials.Credentials()
    who.guess(lp)
    who.set_kerberos_state(credentials.DONT_USE_KERBEROS)
    who.set_username('administrateur')
    who.set_password(password)
    who.set_domain('SYSTEM')
    connection = epmapper.epmapper(f'ncacn_ip_tcp:{address}[135,{options}]', lp, who)
    return [connection.request(3, stub).hex(), connection.request(3, stub).hex()]


def outcome(options, password):
    try:
        return ask(options, password)
    except Exception as error:
        return str(error.args[-1])


for mechanism in ('ntlm', 'spnego'):
    for level in ('connect', 'packet', 'sign', 'seal'):
        results[f'{mechanism},{level}'] = outcome(f'{mechanism},{level}', 'Passw0rd.lab')
    results[f'{mechanism}, wrong password'] = outcome(f'{mechanism},seal', 'wrong')
print(json.dumps(results))
