"""Credentials: the App's JWT and installation tokens."""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bot.sandbox.refused import Refused
from bot.sandbox.state import AccessToken, Installation, Repository
from bot.sandbox.world import World

LONGEST_JWT = 600  # seconds (generating-a-json-web-token-jwt-for-a-github-app)
TOKEN_LIFETIME = timedelta(hours=1)
LEVELS = ("read", "write", "admin")


@functools.cache
def app_key() -> rsa.RSAPrivateKey:
    """The App's key, one in a process: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    """The key as GitHub hands it out (PKCS#1)."""
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


def credential(authorization: str | None) -> str | None:
    """The credential of an ``Authorization`` header, ``Bearer`` or ``token``."""
    scheme, _, value = (authorization or "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "token"} and value.strip() else None


def check_jwt(world: World, token: str) -> None:
    """Refuse a JWT that GitHub would refuse: 401 with its sentences."""
    try:
        claims = jwt.decode(
            token,
            app_key().public_key(),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_iss": False},
        )
        issued, expires = int(claims["iat"]), int(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise Refused(401, "A JSON web token could not be decoded") from None
    if str(claims.get("iss")) not in {str(world.app.id), world.app.client_id}:
        raise Refused(401, "'Issuer' claim ('iss') must be an Integer")
    now = time.time()  # whoever moves the time of this world cannot move the App's own
    if issued > now:
        said = "an Integer representing the time that the assertion was issued"
        raise Refused(401, f"'Issued at' claim ('iat') must be {said}")
    if expires <= now:
        said = "a numeric value representing the future time at which the assertion expires"
        raise Refused(401, f"'Expiration time' claim ('exp') must be {said}")
    if expires > now + LONGEST_JWT:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")


def access_of(world: World, token: str) -> AccessToken:
    """What an installation token opens; 401 when it is unknown, expired or revoked."""
    access = world.access_tokens.get(token)
    if access is None or access.expires_at <= world.now():
        raise Refused(401, "Bad credentials")
    return access


def covers(held: Mapping[str, str], name: str, level: str) -> bool:
    """Whether permissions hold one at that level or above."""
    return name in held and LEVELS.index(held[name]) >= LEVELS.index(level)


def issue_token(
    world: World,
    where: Installation,
    permissions: Mapping[str, str],
    repositories: Sequence[Repository] | None,
) -> tuple[str, AccessToken]:
    """A new installation token with these permissions."""
    token = "ghs_" + secrets.token_hex(18)
    chosen = None if repositories is None else list(repositories)
    moment = world.now().replace(microsecond=0) + TOKEN_LIFETIME
    access = AccessToken(where, dict(permissions), chosen, moment)
    world.access_tokens[token] = access
    return token, access
