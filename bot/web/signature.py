"""GitHub's signature of a delivery.

Source: docs.github.com, "Validating webhook deliveries": `X-Hub-Signature-256` is `sha256=` and
the HMAC hex digest of the raw body. The older SHA-1 header is not taken.
"""

import hmac
from collections.abc import Iterable


def is_signed(header: str, body: bytes, secrets: Iterable[bytes]) -> bool:
    """Whether one of the secrets made this header for this body, compared in constant time."""
    given = header.encode("utf-8", "replace")  # compare_digest takes no text beyond ASCII
    return any(hmac.compare_digest(_header(secret, body), given) for secret in secrets)


def _header(secret: bytes, body: bytes) -> bytes:
    return b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()
