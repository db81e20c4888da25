"""Which certificates are trusted: those of the system's store and of $SSL_CERT_FILE."""

from __future__ import annotations

import functools
import os
import ssl

from ..errors import PanelError
from ..model.profile import quoted
from ..text.foreign import clean


@functools.lru_cache(maxsize=1)
def context() -> ssl.SSLContext:
    """Return a context that trusts the system's store and $SSL_CERT_FILE, not httpx's bundle.

    Raises PanelError (exit 5) for a $SSL_CERT_FILE that holds no certificates.
    """
    import truststore

    found = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    extra = os.environ.get("SSL_CERT_FILE")
    if extra:
        try:
            found.load_verify_locations(extra)
        except OSError as error:  # SSLError is one
            why = "no certificates in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise PanelError(
                f"SSL_CERT_FILE {quoted(extra)}: {why}. Correct or unset it."
            ) from None
    return found


def reason(error: BaseException) -> str:
    """Return why TLS failed, and what to do, if that caused `error`; else ""."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = clean(cause.verify_message) or "certificate verify failed"
            return (
                f"TLS failed ({why.rstrip('.')}). Where the certificate is your own: set "
                "SSL_CERT_FILE=FILE for dctx, or add it to the system's; for dokploy, set "
                "NODE_EXTRA_CA_CERTS=FILE."
            )
        if isinstance(cause, ssl.SSLError):
            why = clean(str(cause.reason or cause)).lower().replace("_", " ")
            return (
                f"TLS failed ({why}). Check that the panel uses https on that port; or try http://."
            )
        cause = cause.__cause__ or cause.__context__
    return ""
