"""The private key that signs the audit log."""

import base64
import binascii

from bot.settings.secret import Secret

LENGTH = 32
"""Bytes of an Ed25519 private key (RFC 8032)."""


def read_audit_key(text: str) -> Secret:
    """The key as `python app.py audit key --new` makes it: base64 of 32 bytes.

    Raises ValueError, which never quotes the key.
    """
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != LENGTH:
        raise ValueError(f"it is not base64 of {LENGTH} bytes")
    return Secret(text.strip())
