"""What impacket sees of a deployment server, as JSON: the images that the control service offers, and the SHA-256 of one that it
reads over SMB. Arguments: HOST, and the path of an image below the share."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../../servers/images/testing'))
from impacket.smb3structs import SMB2_DIALECT_21
from impacket.smbconnection import SMBConnection
from wds_client import DOMAIN, PASSWORD, USER, connect, request

host, image = sys.argv[1:]
answer = request(connect(f'ncacn_ip_tcp:{host}[5040]', 6), 2)
offered = [value for name, value in sorted(answer['variables'].items()) if name.startswith('PATH_')]

digest = hashlib.sha256()
smb = SMBConnection(host, host, preferredDialect=SMB2_DIALECT_21)
smb.login(USER, PASSWORD, DOMAIN)
smb.getFile('REMINST', image, digest.update)
print(json.dumps({'code': answer['code'], 'offered': offered, 'sha256': digest.hexdigest()}))
