"""A mail server for one test: STARTTLS or TLS from the first byte, a login, and recipients that are refused or put off.

mail_server.py PORT CERTIFICATE KEY MAILS starttls|tls: each message that is taken is a line of JSON in the file MAILS.
"""

import json
import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

PORT, CERTIFICATE, KEY, MAILS, PROTECTION = sys.argv[1:]


class Postmaster:
    """`reject@` doesn't exist; `defer@` is put off once and then taken."""

    def __init__(self):
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("reject@"):
            return "550 5.1.1 no such user"
        if address.startswith("defer@") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.0 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or PROTECTION == "tls",
            "login": session.auth_data.login.decode() if session.auth_data else None,
            "text": envelope.content.decode(),
        }
        with open(MAILS, "a", encoding="utf-8") as mails:
            mails.write(json.dumps(mail) + "\n")
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"muster", b"correct horse")
    return AuthResult(success=known, handled=False, auth_data=data)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)


class Wrapped(Controller):
    """TLS from the first byte; the login is allowed since the connection is protected, which aiosmtpd can't see."""

    def factory(self):
        return SMTP(self.handler, authenticator=login, auth_required=True, auth_require_tls=False)


if PROTECTION == "tls":
    controller = Wrapped(Postmaster(), hostname="127.0.0.1", port=int(PORT), ssl_context=context)
else:
    controller = Controller(
        Postmaster(),
        hostname="127.0.0.1",
        port=int(PORT),
        tls_context=context,
        require_starttls=True,
        authenticator=login,
        auth_required=True,
    )
controller.start()
signal.pause()
