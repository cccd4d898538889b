"""The key that signs the audit log: Ed25519, kept as base64 of its 32 bytes."""

import base64
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from bot import COMMAND
from bot.ports import Permanent
from bot.storage.file_modes import give_away

LENGTH = 32
"""Bytes of a private key (RFC 8032)."""


class AuditKey:
    """Signs heads of chains. `public` is its public key, base64."""

    def __init__(self, seed: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
        self.public = base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def __repr__(self) -> str:
        return f"AuditKey(public={self.public})"

    @classmethod
    def beside(
        cls, database: Path, is_needed: Callable[[], bool], *, create: bool = True
    ) -> "AuditKey | None":
        """The key in the file beside this SQLite file, made when there is none yet, if `create`.

        Raises Permanent when that cannot be. So it does when the file is missing and the key
        `is_needed`, because a log was signed with it: nobody should change keys without knowing.
        """
        path = database.with_name(f"{database.name}.audit-key")
        if not path.exists():
            if is_needed() and not path.exists():  # another process may have made both meanwhile
                raise _unusable(path, "is missing, and the log was signed with a key")
            if not create:
                return None
            _write_once(path, new_seed())
        return _read(path)

    def sign(self, message: bytes) -> str:
        """The signature, base64."""
        return base64.b64encode(self._key.sign(message)).decode()


def _read(path: Path) -> AuditKey:
    try:
        seed = path.read_text().strip()
        if len(base64.b64decode(seed, validate=True)) == LENGTH:
            return AuditKey(seed)
    except OSError as trouble:
        raise _unusable(path, f"cannot be read ({trouble.strerror})") from trouble
    except ValueError:
        pass
    raise _unusable(path, "holds no key")


def _unusable(path: Path, why: str) -> Permanent:
    return Permanent(
        f"{path}, the file of the audit log's key, {why}. Please put it back, or say with"
        " AUDIT_KEY_PATH where the key is. To go on with a new key, on purpose:"
        f" (umask 077; {COMMAND} audit key --new > {path})"
    )


def new_seed() -> str:
    """A new private key, base64: as AUDIT_KEY takes it."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def proves(message: bytes, signature: str, public_key: str) -> bool:
    """Whether this signature is the key's on this message."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):  # ValueError: not base64, or no key
        return False
    return True


def _write_once(path: Path, seed: str) -> None:
    """Of several processes that start at once the first one's key counts, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        _write(draft, seed)
        give_away(draft, path.parent)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    except OSError as trouble:
        raise _unusable(path, f"cannot be made ({trouble.strerror})") from trouble
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, seed: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as out:
        out.write(seed + "\n")
        out.flush()
        os.fsync(out.fileno())
