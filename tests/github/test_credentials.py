"""Credentials: made as GitHub wants them, kept while good, never shown."""

import time
from datetime import UTC, datetime, timedelta, timezone

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.domain.accounts import Organization
from bot.github.api import GitHubApi
from bot.github.credentials import TokenCache
from bot.github.manifest import convert_manifest
from bot.github.reading import Missing
from bot.ports import Permanent, Retryable
from tests.github.scripted import FixedClock, FreeBudgets, Reply, ScriptedGitHub

INSTALLATIONS = "/app/installations"
MEMBER = "/orgs/acme/memberships/alice"
TOKENS = "/app/installations/1/access_tokens"
OWNER = {"user": {"id": 9, "login": "alice"}, "role": "admin", "state": "active"}


def claims(credential: str, key: str) -> dict[str, object]:
    public = load_pem_private_key(key.encode(), None).public_key()
    kind, _, token = credential.partition(" ")
    assert kind == "Bearer"
    return jwt.decode(token, public, ["RS256"], {"verify_exp": False, "verify_iat": False})


def token(value: str = "t1", **later: float) -> Reply:
    """A token that is good for so long, its end told with milliseconds and an offset."""
    until = (datetime.now(UTC) + timedelta(**later)).astimezone(timezone(timedelta(hours=1)))
    return Reply(201, {"token": value, "expires_at": until.isoformat(timespec="milliseconds")})


def test_a_jwt_is_backdated_lives_less_than_ten_minutes_and_is_kept(
    script: ScriptedGitHub, api: GitHubApi, private_key: str
):
    script.on("GET", INSTALLATIONS, Reply(200, []))
    api.installations()
    api.installations()
    first, second = (one.headers["authorization"] for one in script.asked)
    assert first == second
    found = claims(first, private_key)
    assert found["iss"] == "7"
    assert abs(found["iat"] - (time.time() - 60)) < 20
    assert found["exp"] > time.time()
    assert found["exp"] - found["iat"] <= 600


def test_a_jwt_that_github_refuses_is_made_anew(
    script: ScriptedGitHub, api: GitHubApi, private_key: str
):
    """As after a clock that was set back."""
    script.on("GET", INSTALLATIONS, Reply(401, {}), Reply(200, []))
    refused = jwt.encode({"iss": "7", "iat": 1, "exp": 2}, private_key, "RS256")
    api._connect()._cache(None).keep({"token": refused})
    assert api.installations() == []
    first, second = (one.headers["authorization"] for one in script.asked)
    assert first == f"Bearer {refused}"
    assert claims(second, private_key)["exp"] > time.time()


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN RSA PRIVATE KEY-----\nsecret\n"])
def test_a_key_that_is_none_says_so_and_not_what_it_is(script: ScriptedGitHub, key: str):
    api = GitHubApi(1, key, script.url, FreeBudgets(), FixedClock())
    with pytest.raises(Permanent, match="PRIVATE_KEY") as caught:
        api.installations()
    assert "secret" not in str(caught.value)


def test_a_token_is_kept_till_a_minute_before_its_end(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    script.token(1, token("t1", seconds=59), token("t2", seconds=120), token("t3", hours=1))
    script.on("GET", MEMBER, Reply(200, OWNER))
    for _ in range(3):
        assert api.membership(acme, "alice")
    used = [one.headers["authorization"] for one in script.to(MEMBER)]
    assert used == ["token t1", "token t2", "token t2"]
    assert len(script.to(TOKENS)) == 2


def test_a_token_that_is_over_by_our_clock_is_used(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    """Our clock is ahead by hours: GitHub decides whether it is over."""
    script.token(1, token("t1", hours=-3))
    script.on("GET", MEMBER, Reply(200, OWNER))
    assert api.membership(acme, "alice")
    assert script.asked[-1].headers["authorization"] == "token t1"


@pytest.mark.parametrize("expires", [None, "tomorrow"])
def test_a_token_without_an_end_is_kept(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization, expires: object
):
    script.token(1, Reply(201, {"token": "t1", "expires_at": expires}), token("t2", hours=1))
    script.on("GET", MEMBER, Reply(200, OWNER))
    for _ in range(2):
        assert api.membership(acme, "alice")
    assert len(script.to(TOKENS)) == 1


def test_a_token_that_lacks_a_permission_is_replaced(
    script: ScriptedGitHub, api: GitHubApi, acme: Organization
):
    """It keeps the permissions that it was made with, and the owner has granted more since."""
    script.token(1, token("t1", hours=1), token("t2", hours=1))
    script.on("GET", MEMBER, Reply(403, {"message": "not accessible"}), Reply(200, OWNER))
    with pytest.raises(Exception, match="not accessible"):
        api.membership(acme, "alice")
    assert api.membership(acme, "alice")
    assert script.asked[-1].headers["authorization"] == "token t2"


def test_a_refused_token_is_dropped_and_a_newer_one_is_not():
    cache = TokenCache(1, 5)
    cache.keep({"token": "a"})
    cache.forget("a")
    assert not cache.fresh
    cache.keep({"token": "b"})
    cache.forget("a")
    assert cache.fresh
    assert cache.get_cache_storage().get(cache._key) == "b"


@pytest.mark.parametrize("value", [None, "", "a b", "a\nb", "ä"])
def test_a_token_that_fits_no_header_is_refused_unseen(value: object):
    with pytest.raises(Missing) as caught:
        TokenCache(1, 5).keep({"token": value})
    assert "a b" not in str(caught.value)
    assert "ghs_hidden" not in repr(TokenCache(1, 5))


# ------------------------------------------------------------------ from a manifest

CODE = "/app-manifests/0123abcd/conversions"
MADE = {
    "id": 7,
    "pem": "HIDDEN key",
    "webhook_secret": "HIDDEN word",
    "client_id": "Iv1.a",
    "client_secret": "HIDDEN too",
    "html_url": "https://github.com/apps/a",
    "owner": {"login": "alice"},
}


def test_an_app_is_made_of_what_github_tells_once(script: ScriptedGitHub):
    script.on("POST", CODE, Reply(201, MADE))
    made = convert_manifest(script.url, "0123abcd")
    assert (made.id, made.pem, made.owner) == (7, "HIDDEN key", "alice")
    assert (made.html_url, "HIDDEN" in repr(made)) == ("https://github.com/apps/a", False)


UNREADABLE = [
    *({**MADE, **one} for one in ({"webhook_secret": None}, {"id": "7"}, {"pem": ""})),
    *(b"<html>HIDDEN", [MADE], None),
    *({**MADE, "html_url": one} for one in ("javascript:HIDDEN", "http://github.example/a", "")),
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_code_that_github_took_is_used_up_whatever_it_answers(
    script: ScriptedGitHub, body: object
):
    """201: the App was made. With another status it is not GitHub's answer, and may come yet."""
    script.on("POST", CODE, Reply(201, body), Reply(200, body))
    for kind in (Permanent, Retryable):
        with pytest.raises(kind) as caught:
            convert_manifest(script.url, "0123abcd")
        assert not [one for one in ("HIDDEN", "0123abcd") if one in str(caught.value)]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_code_is_good_as_long_as_github_did_not_take_it(script: ScriptedGitHub, status: int):
    script.on("POST", CODE, Reply(status, {"message": "Not now"}), Reply(201, MADE))
    with pytest.raises(Retryable, match="Not now"):
        convert_manifest(script.url, "0123abcd")
    assert convert_manifest(script.url, "0123abcd").id == 7
