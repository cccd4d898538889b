"""The App's private key in the forms that operators paste it in."""

import base64
import binascii

from bot.settings.secret import Secret

LEAST_BITS = 2048
_BEGIN = "-----BEGIN"


def read_private_key(text: str) -> Secret:
    r"""The key as PEM, from PEM, PEM with literal `\n`, or base64 of PEM.

    Raises ValueError, which never quotes the key, unless it is an RSA key of 2,048 bits or more
    without a password, as GitHub makes them.
    """
    pem = _as_pem(text.strip())
    _check(pem)
    return Secret(pem)


def _as_pem(text: str) -> str:
    if not text.startswith(_BEGIN):
        try:
            text = base64.b64decode("".join(text.split()), validate=True).decode().strip()
        except (binascii.Error, ValueError):
            text = ""
    if not text.startswith(_BEGIN):
        raise ValueError("it is neither PEM nor base64 of PEM")
    return text.replace("\\r", "").replace("\\n", "\n") + "\n"


def _check(pem: str) -> None:
    # here, since a command that needs no settings should not pay for this import
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("it is protected by a password; GitHub's keys have none") from None
    except Exception:  # noqa: BLE001 - the library has many errors, some of which quote the input
        raise ValueError("it cannot be read as a private key; was it cut?") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ValueError(f"it is no RSA key of at least {LEAST_BITS} bits")
