"""What libpq makes of sslmode and sslrootcert, as an SSLContext for pg8000."""

from __future__ import annotations

import ssl

from maintainer.db.conninfo import Tls


def context(tls: Tls) -> ssl.SSLContext:
    """A context that verifies the chain where an authority is known, and the name in verify-full.

    Raises OSError (ssl.SSLError is one) when a file cannot be used.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = tls.mode == "verify-full"
    made.verify_mode = ssl.CERT_REQUIRED if tls.verifies else ssl.CERT_NONE
    if tls.root == "system":
        made.load_default_certs()
    elif tls.root:
        made.load_verify_locations(tls.root)
    if tls.crl:
        made.load_verify_locations(tls.crl)
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    if tls.cert:
        made.load_cert_chain(tls.cert, tls.key or None, tls.key_password)
    return made
