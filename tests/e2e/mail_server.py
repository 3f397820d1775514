"""A real mail server (aiosmtpd) that takes mail only after STARTTLS and AUTH, for test_alerts.py.

    mail_server.py PORT CERTIFICATE KEY USER PASSWORD

Prints a line of JSON for each mail, and "ready" before. Runs in a venv of its own.
"""

import json
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Inbox:
    async def handle_DATA(self, server, session, envelope):
        del server
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                          "user": session.auth_data, "mail": envelope.content.decode("ascii")}),
              flush=True)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        del server, session, options
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def main():
    port, certificate, key, user, password = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        del server, session, envelope, mechanism
        right = data.login.decode() == user and data.password.decode() == password
        return AuthResult(success=right, handled=False, auth_data=data.login.decode())

    controller = Controller(Inbox(), hostname="127.0.0.1", port=int(port), tls_context=context,
                            require_starttls=True, authenticator=authenticate, auth_required=True,
                            auth_require_tls=True)
    controller.start()
    print("ready", flush=True)
    threading.Event().wait()


main()
