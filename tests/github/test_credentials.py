"""Credentials: made as GitHub wants them, kept while good, never shown."""

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.github.credentials import Credentials
from bot.github.reading import Missing
from bot.ports import Permanent


class Time:
    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


def claims(token: str, key: str) -> dict[str, object]:
    public = load_pem_private_key(key.encode(), None).public_key()
    return jwt.decode(token, public, ["RS256"], {"verify_exp": False, "verify_iat": False})


def answer(expires: object = "2027-01-15T09:00:00Z", token: str = "t1") -> dict[str, object]:
    return {"token": token, "expires_at": expires, "permissions": {"issues": "write"}}


def test_a_jwt_is_backdated_and_lives_less_than_ten_minutes(private_key: str):
    now = Time()
    found = claims(Credentials(123, private_key, now).app(), private_key)
    assert found["iss"] == "123"
    assert found["iat"] == now.at - 60
    assert found["exp"] - now.at > 0
    assert found["exp"] - found["iat"] <= 600


def test_a_jwt_is_kept_for_eight_minutes(private_key: str):
    now = Time()
    credentials = Credentials(123, private_key, now)
    first = credentials.app()
    now.at += 479
    assert credentials.app() == first
    now.at += 1
    assert credentials.app() != first


def test_a_clock_turned_back_makes_a_new_jwt(private_key: str):
    now = Time()
    credentials = Credentials(123, private_key, now)
    credentials.app()
    now.at -= 3600
    assert claims(credentials.app(), private_key)["iat"] == now.at - 60


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN RSA PRIVATE KEY-----\nsecret\n"])
def test_a_key_that_is_none_says_so_and_not_what_it_is(key: str):
    with pytest.raises(Permanent, match="PRIVATE_KEY") as caught:
        Credentials(1, key).app()
    assert "secret" not in str(caught.value)


def test_a_token_is_kept_till_a_minute_before_its_end(private_key: str):
    now = Time()
    credentials, fetched = Credentials(1, private_key, now), []

    def fetch() -> dict[str, object]:
        fetched.append(1)
        return answer(expires="2027-01-15T10:00:00.123+01:00")  # an hour from now

    assert credentials.installation(5, fetch) == "t1"
    now.at += 3539
    credentials.installation(5, fetch)
    assert len(fetched) == 1
    now.at += 2
    credentials.installation(5, fetch)
    assert len(fetched) == 2
    assert credentials.permissions(5) == {"issues": "write"}
    assert credentials.permissions(6) is None


@pytest.mark.parametrize("expires", [None, "tomorrow"])
def test_a_token_without_an_end_lives_an_hour(private_key: str, expires: object):
    now = Time()
    credentials = Credentials(1, private_key, now)
    credentials.installation(5, lambda: answer(expires, "old"))
    now.at += 3000
    assert credentials.installation(5, lambda: answer(expires, "new")) == "old"
    now.at += 600
    assert credentials.installation(5, lambda: answer(expires, "new")) == "new"


def test_a_refused_token_is_dropped_and_a_newer_one_is_not(private_key: str):
    credentials = Credentials(1, private_key, Time())
    credentials.installation(5, lambda: answer(token="a"))
    credentials.forget("a")
    assert credentials.installation(5, lambda: answer(token="b")) == "b"
    credentials.forget("a")
    assert credentials.installation(5, lambda: answer(token="c")) == "b"


@pytest.mark.parametrize("token", [None, "", "a b", "a\nb", "ä"])
def test_a_token_that_fits_no_header_is_refused_unseen(private_key: str, token: object):
    with pytest.raises(Missing) as caught:
        Credentials(1, private_key).installation(5, lambda: {"token": token})
    assert "a b" not in str(caught.value)


def test_nothing_is_shown(private_key: str):
    credentials = Credentials(1, private_key, Time())
    credentials.installation(5, lambda: answer(token="ghs_hidden"))
    shown = repr(credentials) + repr(credentials._tokens) + str(vars(credentials)["_tokens"])
    assert "ghs_hidden" not in shown
