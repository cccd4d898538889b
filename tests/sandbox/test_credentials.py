"""Who gets in: the App's JWT, installation tokens, permissions, what must not be seen."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.auth import pem
from tests.sandbox.conftest import Stage, app_jwt

ISSUES = "/repos/acme/token-requests/issues"
REQUESTS = "/orgs/acme/personal-access-token-requests"


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": lambda: "1"}, "Issuer"),
        ({"exp": lambda: now() - 1}, "Expiration time"),
        ({"exp": lambda: now() + 700}, "too far in the future"),
        ({"iat": lambda: now() + 120}, "Issued at"),
    ],
)
def test_a_wrong_jwt_is_refused(stage: Stage, claims: dict[str, Any], said: str) -> None:
    told = {name: value() for name, value in claims.items()}  # now, not when tests were collected
    answer = stage.client(app_jwt(stage.gh, **told)).get("/app")
    assert (answer.status_code, said in answer.json()["message"]) == (401, True)


def test_a_jwt_of_another_key_is_refused(stage: Stage) -> None:
    stranger = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    claims = {"iss": str(stage.gh.app.id), "iat": now() - 60, "exp": now() + 60}
    forged = jwt.encode(claims, stranger, algorithm="RS256")
    unsigned = jwt.encode(claims, None, algorithm="none")
    for token in (forged, unsigned, "no jwt at all"):
        answer = stage.client(token).get("/app")
        assert answer.status_code == 401
        assert answer.json()["message"] == "A JSON web token could not be decoded"


def test_the_jwt_may_be_of_the_client_id(stage: Stage) -> None:
    token = app_jwt(stage.gh, iss=stage.gh.app.client_id)
    assert stage.client(token).get("/app").json()["id"] == stage.gh.app.id


def test_credentials_do_not_do_each_others_work(stage: Stage) -> None:
    assert stage.bot().get("/app").status_code == 401
    assert stage.app().get(ISSUES).json()["message"] == "Bad credentials"
    assert stage.client().get(ISSUES).json()["message"] == "Requires authentication"
    assert stage.client("ghs_nonsense").get(ISSUES).status_code == 401


def test_a_token_lives_for_an_hour(stage: Stage) -> None:
    bot = stage.bot()
    stage.gh.ahead = timedelta(minutes=59)
    assert bot.get(ISSUES).status_code == 200
    stage.gh.ahead = timedelta(minutes=61)
    assert bot.get(ISSUES).status_code == 401


def test_suspending_ends_tokens_and_gives_no_new_ones(stage: Stage) -> None:
    bot, path = stage.bot(), f"/app/installations/{stage.installation.id}/access_tokens"
    stage.gh.suspend(stage.installation)
    assert bot.get(ISSUES).status_code == 401
    assert stage.app().post(path).status_code == 403
    assert stage.app().get("/orgs/acme/installation").json()["suspended_by"]["login"] == "olga"
    stage.gh.unsuspend(stage.installation)
    assert stage.bot().get(ISSUES).status_code == 200


def test_uninstalling_ends_everything(stage: Stage) -> None:
    bot, path = stage.bot(), f"/app/installations/{stage.installation.id}/access_tokens"
    stage.gh.uninstall(stage.installation)
    assert bot.get(ISSUES).status_code == 401
    assert stage.app().post(path).status_code == 404
    assert stage.app().get("/orgs/acme/installation").status_code == 404
    assert stage.app().get("/app/installations").json() == []


def test_a_token_can_end_itself(stage: Stage) -> None:
    bot = stage.bot()
    assert bot.delete("/installation/token").status_code == 204
    assert bot.get(ISSUES).status_code == 401


def test_a_missing_permission_is_named(stage: Stage) -> None:
    permissions = {**stage.gh.app.permissions, "organization_personal_access_tokens": "read"}
    stage.gh.accept_permissions(stage.installation, permissions)
    bot, body = stage.bot(), {"action": "revoke", "pat_ids": [1]}
    assert bot.get("/orgs/acme/personal-access-tokens").status_code == 200
    answer = bot.post("/orgs/acme/personal-access-tokens", json=body)
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by integration"
    needed = answer.headers["x-accepted-github-permissions"]
    assert needed == "organization_personal_access_tokens=write"


def test_a_token_may_be_asked_for_less_but_not_for_more(stage: Stage) -> None:
    less = stage.client(stage.token(permissions={"issues": "read"}))
    assert less.get(ISSUES).status_code == 200
    assert less.post(ISSUES, json={"title": "t"}).status_code == 403
    path = f"/app/installations/{stage.installation.id}/access_tokens"
    for more in (
        {"permissions": {"issues": "admin"}},
        {"permissions": ["issues"]},
        {"repositories": ["unknown"]},
        {"repositories": 7},
    ):
        assert stage.app().post(path, json=more).status_code == 422


def test_other_organizations_cannot_be_seen(stage: Stage) -> None:
    globex = stage.gh.add_organization("globex")
    hidden = stage.gh.add_repository(globex, "hidden")
    stage.gh.add_repository(globex, "open", private=False)
    stage.gh.install(globex)
    bot = stage.bot()
    assert bot.get("/orgs/globex/personal-access-token-requests").status_code == 404
    assert bot.get("/orgs/globex/memberships/olga").status_code == 404
    assert bot.get("/repos/globex/hidden/issues").status_code == 404
    assert bot.get(f"/repositories/{hidden.id}/issues").status_code == 404
    assert bot.get("/repos/globex/open/issues").status_code == 200
    assert bot.post("/repos/globex/open/issues", json={"title": "t"}).status_code == 403


def test_repositories_outside_the_installation_cannot_be_seen(stage: Stage) -> None:
    other = stage.gh.add_repository(stage.acme, "other")
    stage.gh.choose_repositories(stage.installation, [other])
    bot = stage.bot()
    assert bot.get(ISSUES).status_code == 404
    listed = bot.get("/installation/repositories").json()
    assert (listed["total_count"], listed["repository_selection"]) == (1, "selected")
    assert stage.app().get("/repos/acme/token-requests/installation").status_code == 404


def test_every_call_names_its_program(stage: Stage) -> None:
    answer = stage.bot(**{"user-agent": ""}).get(ISSUES)
    assert (answer.status_code, "User-Agent" in answer.json()["message"]) == (403, True)


def test_an_unknown_version_is_refused(stage: Stage) -> None:
    assert stage.bot(**{"x-github-api-version": "2020-01-01"}).get(ISSUES).status_code == 400


def test_credentials_are_not_kept_in_the_record(stage: Stage) -> None:
    token = stage.token()
    stage.client(token).get(ISSUES)
    last = stage.gh.calls[-1]
    assert last.headers["authorization"] == "Bearer (masked)"
    assert last.caller == f"installation {stage.installation.id}"
    assert token not in repr(stage.gh.calls)


def test_a_manifest_code_is_good_once(stage: Stage) -> None:
    path = f"/app-manifests/{stage.gh.new_manifest_code()}/conversions"
    anyone = httpx.Client(base_url=stage.gh.url, trust_env=False)
    with anyone:
        assert anyone.post(path).json()["pem"] == stage.gh.private_key_pem
        assert anyone.post(path).status_code == 404


def test_the_key_is_handed_out_as_pem(stage: Stage) -> None:
    claims = {"iss": str(stage.gh.app.id), "iat": now() - 60, "exp": now() + 60}
    token = jwt.encode(claims, stage.gh.private_key_pem, algorithm="RS256")
    assert stage.client(token).get("/app").json()["slug"] == "countersign"
