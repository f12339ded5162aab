"""TLS settings: contexts for HTTPS servers and clients."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from typing import Any

OPTIONS = ssl.OP_NO_COMPRESSION


def load_pair(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Give a context its certificate and key, which `ssl` takes from files only."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pair.pem")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{key}\n{certificate}\n")
        context.load_cert_chain(path)


def client_context(verification: int, ca: str, certificate: str, key: str) -> ssl.SSLContext:
    """A context for a client.

    :param verification: 0: none; 1 and 2: the server's certificate is checked.
    :param ca: PEM of the trusted roots; empty: the system's.
    :param certificate: PEM of a client certificate, or empty.
    """
    context = ssl.create_default_context(cadata=ca or None)
    if verification == 0:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        load_pair(context, certificate, key)
    return context


class ServerContext:
    """The certificates of an HTTPS server, chosen by the name that the client asks for.

    :param entries: host pattern (`*`: one label; empty: the default), certificates, key.
    """

    def __init__(self, entries: list[Any]) -> None:
        self._named: list[tuple[re.Pattern[str], ssl.SSLContext]] = []
        self._default: ssl.SSLContext | None = None
        self._all: list[ssl.SSLContext] = []
        for name, certificate, key in entries:
            context = self._context()
            load_pair(context, certificate, key)
            if name:
                pattern = re.escape(name).replace(r"\*", "[^.]+")
                self._named.append((re.compile(rf"{pattern}\Z", re.IGNORECASE), context))
            elif self._default is None:
                self._default = context
        self.context = self._default or self._context()
        if self._named:
            self.context.sni_callback = self._choose

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.options |= OPTIONS
        self._all.append(context)
        return context

    def _choose(self, connection: Any, name: str | None, context: Any) -> int | None:
        for pattern, own in self._named:
            if name is not None and pattern.match(name):
                connection.context = own
                return None
        if self._default is None:
            return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
        return None

    def verify(self, verification: int, ca: str) -> None:
        """Whether clients must show a certificate: 0 no, 1 if they like, 2 yes; and who may sign it."""
        for context in self._all:
            context.verify_mode = ssl.VerifyMode(verification)
            if ca:
                context.load_verify_locations(cadata=ca)
