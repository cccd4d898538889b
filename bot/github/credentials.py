"""Credentials: the App's JWT and the installations' tokens, kept while they are good.

None of them is ever shown: no repr, no log, no exception text.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.github.reading import Json, Missing, granted, moment, need_text
from bot.ports import Permanent

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

BACKDATED: Final = 60  # seconds: GitHub's advice against clocks that are ahead
LIFETIME: Final = 10 * 60 - 5  # in total; GitHub refuses more than ten minutes
KEPT: Final = 8 * 60
TOKEN_LIFETIME: Final = 3600.0
MARGIN: Final = 60.0


@dataclass(frozen=True)
class Token:
    """An installation token in whatever form GitHub gives it, with what it may do."""

    value: str = field(repr=False)
    expires: float
    permissions: dict[str, str]


class Credentials:
    """What calls are signed with. Thread-safe. `now`: epoch seconds, GitHub's time as we know it.

    Source: "Generating a JSON Web Token (JWT) for a GitHub App", docs.github.com.
    """

    def __init__(self, app_id: int, private_key: str, now: Callable[[], float] = time.time) -> None:
        self._app_id, self._pem, self._now = app_id, private_key, now
        self._lock = threading.Lock()
        self._key: RSAPrivateKey | None = None
        self._jwt: tuple[str, float] | None = None
        self._tokens: dict[int, Token] = {}

    def app(self) -> str:
        """The App's JWT. Raises Permanent when the private key cannot be read."""
        with self._lock:
            if self._jwt is None or not 0 <= self._now() - self._jwt[1] < KEPT:
                self._jwt = (self._signed(), self._now())
            return self._jwt[0]

    def _signed(self) -> str:
        import jwt  # noqa: PLC0415 - at the first call: the start must be quick

        if self._key is None:
            self._key = _loaded(self._pem)  # signing with PEM text takes a hundred times as long
        issued = int(self._now()) - BACKDATED
        claims = {"iat": issued, "exp": issued + LIFETIME, "iss": str(self._app_id)}
        return jwt.encode(claims, self._key, algorithm="RS256")

    def installation(self, installation_id: int, fetch: Callable[[], Json]) -> str:
        """The installation's token, got with `fetch` (the API's answer) unless one is good still.

        Raises Missing when the answer has no token, and what `fetch` raises.
        """
        with self._lock:
            known = self._tokens.get(installation_id)
        if known is None or known.expires - MARGIN <= self._now():
            known = self._token(fetch())
            with self._lock:
                self._tokens[installation_id] = known
        return known.value

    def _token(self, facts: Json) -> Token:
        value = need_text(facts, "token")
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise Missing("a token that fits into a header")
        until = moment(facts.get("expires_at"))
        expires = until.timestamp() if until else self._now() + TOKEN_LIFETIME
        return Token(value, expires, granted(facts.get("permissions")))

    def forget(self, credential: str) -> None:
        """Drop a JWT or token that GitHub refused, unless it was replaced meanwhile."""
        with self._lock:
            if self._jwt and self._jwt[0] == credential:
                self._jwt = None
            self._tokens = {
                key: token for key, token in self._tokens.items() if token.value != credential
            }

    def permissions(self, installation_id: int) -> dict[str, str] | None:
        """What the newest token of this installation may do; None when there was none yet."""
        with self._lock:
            known = self._tokens.get(installation_id)
            return dict(known.permissions) if known else None

    def installations(self) -> list[int]:
        """Installations of which we hold a token."""
        with self._lock:
            return list(self._tokens)


def _loaded(pem: str) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import (  # noqa: PLC0415 - as above
        RSAPrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as above
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise Permanent("PRIVATE_KEY cannot be read: it must be the App's RSA key in PEM")
    return key
