"""The key that signs the audit log: Ed25519, kept as base64 of its 32 bytes."""

import base64
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


class AuditKey:
    """Signs heads of chains. `public` is its public key, base64."""

    def __init__(self, seed: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
        self.public = base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def __repr__(self) -> str:
        return f"AuditKey(public={self.public})"

    @classmethod
    def beside(cls, database: Path, *, create: bool = True) -> "AuditKey | None":
        """The key in the file beside this SQLite file; made when there is none yet, or None."""
        path = database.with_name(database.name + ".audit-key")
        if not path.exists():
            if not create:
                return None
            _write_once(path, new_seed())
        return cls(path.read_text())

    def sign(self, message: bytes) -> str:
        """The signature, base64."""
        return base64.b64encode(self._key.sign(message)).decode()


def new_seed() -> str:
    """A new private key, base64: as AUDIT_KEY takes it."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def proves(message: bytes, signature: str, public_key: str) -> bool:
    """Whether this signature is the key's on this message."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(signature), message)
    except (InvalidSignature, ValueError):  # ValueError: not base64, or no key
        return False
    return True


def _write_once(path: Path, seed: str) -> None:
    """Of several processes that start at once the first one's key counts, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "w") as out:
            out.write(seed + "\n")
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
