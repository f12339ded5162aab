"""`crypto`: random bytes, and reading certificates and keys as far as TLS servers need them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FREE_TEXT, FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

BAD_CERTIFICATE = "X509 - The CRT/CRL/CSR format is invalid, e.g. different type expected"
BAD_KEY = "PK - Invalid key tag or value"
KEYS = {
    "RSA PRIVATE KEY": "private",
    "EC PRIVATE KEY": "private",
    "PRIVATE KEY": "private",
    "ENCRYPTED PRIVATE KEY": "private",
    "PUBLIC KEY": "public",
    "RSA PUBLIC KEY": "public",
}


@op()
def random(rt: Runtime, size: int) -> bytes:
    """Bytes of the system's generator."""
    return os.urandom(int(size))


def _blocks(text: str) -> list[tuple[str, str]]:
    """The PEM blocks of a text: label and the whole block."""
    import re

    found = re.finditer(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", text, re.DOTALL)
    return [(match[1], match[0] + "\n") for match in found]


def _parsed(text: str) -> str:
    """A certificate in canonical PEM; OpenSSL says whether it is one."""
    import ssl

    try:
        der = ssl.PEM_cert_to_DER_cert(text)
        ssl.create_default_context(cadata=der)
    except (ValueError, ssl.SSLError):
        raise FibError(FREE_TEXT, BAD_CERTIFICATE) from None
    return ssl.DER_cert_to_PEM_cert(der)


@op()
def certificates(rt: Runtime, text: str) -> list[Any]:
    """The certificates of a PEM text, each as PEM.

    :raises FibError: 100023 if there is none, or one cannot be read.
    """
    found = [_parsed(block) for label, block in _blocks(text) if label == "CERTIFICATE"]
    if not found:
        raise FibError(FREE_TEXT, BAD_CERTIFICATE)
    return found


@op()
def certificate_of_der(rt: Runtime, data: bytes) -> str:
    """A DER certificate as PEM."""
    import ssl

    return _parsed(ssl.DER_cert_to_PEM_cert(data))


@op()
def certificate_der(rt: Runtime, text: str) -> bytes:
    """A PEM certificate as DER."""
    import ssl

    return ssl.PEM_cert_to_DER_cert(text)


@op()
def root_certificates(rt: Runtime) -> list[Any]:
    """The system's trusted certificates, each as PEM."""
    import ssl

    return [
        ssl.DER_cert_to_PEM_cert(der)
        for der in ssl.create_default_context().get_ca_certs(binary_form=True)
    ]


@op()
def key(rt: Runtime, text: str) -> list[Any]:
    """The first key of a PEM text: its block, its label and whether it is private.

    :raises FibError: 100023 if there is none.
    """
    for label, block in _blocks(text):
        if label in KEYS:
            if label == "ENCRYPTED PRIVATE KEY" or "DEK-Info" in block:
                raise FibError(
                    FREE_TEXT, "encrypted keys are not supported by this version of fibshim."
                )
            return [block, label, KEYS[label] == "private"]
    raise FibError(FREE_TEXT, BAD_KEY)
