"""What `audit verify` takes as a key and as a head."""

import argparse
import base64
import re

KEY_LENGTH = 32
"""Bytes of an Ed25519 public key (RFC 8032)."""

_HEAD = re.compile("[0-9]{1,18}:[0-9a-f]{64}")


def public_key(text: str) -> str:
    """An Ed25519 public key, base64 of 32 bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != KEY_LENGTH:
        raise argparse.ArgumentTypeError(f"{text!r} is no public key as `audit key` prints it")
    return base64.b64encode(raw).decode()


def head(text: str) -> tuple[int, str]:
    """A head as `audit verify` prints it."""
    seq, _, digest = text.partition(":")
    if not (_HEAD.fullmatch(text) and int(seq) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no head as `audit verify` prints it")
    return int(seq), digest
