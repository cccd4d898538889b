"""What is wrong in githubkit 0.16.1, told by githubkit alone.

Each story fails when upstream has mended it: then the mend that it names can go.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import githubkit
import httpx
import pytest
from githubkit.cache import MemCacheStrategy
from githubkit.exception import (
    PrimaryRateLimitExceeded,
    RequestError,
    RequestFailed,
    SecondaryRateLimitExceeded,
)
from githubkit.retry import RETRY_DEFAULT

Answer = Callable[[httpx.Request], httpx.Response]
LIMITED = {"message": "You have exceeded a secondary rate limit."}


KEPT: list[githubkit.GitHub[Any]] = []
"""`rest` alone does not keep its client alive."""


class Told:
    """A GitHub that answers with a function, and notes what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)


def client(answer: Answer, auth: Any = None, **more: Any) -> githubkit.GitHub[Any]:
    usual = {
        "auto_retry": False,
        "http_cache": False,
        "transport": httpx.MockTransport(answer),
        "cache_strategy": MemCacheStrategy(),
    }
    KEPT.append(githubkit.GitHub(auth, base_url="http://github.test/", **{**usual, **more}))
    return KEPT[-1]


def token(request: httpx.Request, **facts: object) -> httpx.Response:
    """A token for who asks for one, and an empty object for all else."""
    if request.url.path.endswith("/access_tokens"):
        return httpx.Response(201, json={"token": "ghs_x", **facts})
    return httpx.Response(200, json={})


@pytest.fixture
def strategy(private_key: str) -> githubkit.AppInstallationAuthStrategy:
    return githubkit.AppAuthStrategy(7, private_key).as_installation(1)


def test_a_create_would_be_sent_again_after_a_502():
    """`client`: auto_retry=False."""
    with pytest.raises(RequestFailed) as caught:
        client(lambda _: httpx.Response(502)).rest.issues.create("acme", "r", title="t")
    assert [RETRY_DEFAULT(caught.value, count).do_retry for count in range(4)] == [True] * 3 + [
        False
    ]


def test_there_is_no_timeout():
    """`client`: timeout; `transport`: a deadline a call."""
    assert client(token).config.timeout == httpx.Timeout(None)


def test_a_retry_after_that_is_no_number_is_a_value_error():
    """`client`: the response hook."""
    date = {"retry-after": "Mon, 02 Mar 2026 09:00:08 GMT"}
    for headers in (date, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}):
        with pytest.raises(ValueError, match="invalid literal"):
            client(lambda _, headers=headers: httpx.Response(403, headers=headers)).rest.meta.get()


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_without_retry_after_is_a_plain_refusal(status: int):
    """`rate_limits.is_rate_limit` judges the answer, not the class of the error."""
    with pytest.raises(RequestFailed) as caught:
        client(lambda _: httpx.Response(status, json=LIMITED)).rest.meta.get()
    known = PrimaryRateLimitExceeded, SecondaryRateLimitExceeded
    assert not isinstance(caught.value, known)


def test_a_parameter_leads_to_another_address():
    """`paths.segment`."""
    gh = Told(token)
    client(gh).rest.orgs.get("acme/../evil")
    assert gh.asked[0].url.path == "/orgs/evil"


def test_a_time_stands_in_a_query_with_a_blank():
    """`rest.issues._Stamp`."""
    gh = Told(token)
    client(gh).rest.issues.list_comments("acme", "r", 1, since=datetime(2026, 3, 2, tzinfo=UTC))
    assert gh.asked[0].url.params["since"] == "2026-03-02 00:00:00+00:00"


def test_a_refused_token_is_kept(strategy: githubkit.AppInstallationAuthStrategy):
    """`credentials.Signing`."""

    def refuse(request: httpx.Request) -> httpx.Response:
        found = token(request, expires_at="2999-01-01T00:00:00Z")
        return found if found.status_code == 201 else httpx.Response(401)

    gh = Told(refuse)
    github = client(gh, strategy)
    for _ in range(2):
        with pytest.raises(RequestFailed):
            github.rest.orgs.get("acme")
    assert sum(one.method == "POST" for one in gh.asked) == 1


@pytest.mark.parametrize("end", [{}, {"expires_at": "2999-01-01T00:00:00.000Z"}])
def test_a_tokens_end_is_read_in_one_form_only(
    strategy: githubkit.AppInstallationAuthStrategy, end: dict[str, str]
):
    """`credentials.TokenCache.keep`."""
    with pytest.raises(RequestError):
        client(lambda request: token(request, **end), strategy).rest.orgs.get("acme")


def test_whoever_is_called_installation_is_asked_for_as_the_app(
    strategy: githubkit.AppInstallationAuthStrategy,
):
    """`credentials.Signing`."""
    gh = Told(lambda request: token(request, expires_at="2999-01-01T00:00:00Z"))
    client(gh, strategy).rest.orgs.get_membership_for_user("acme", "installation")
    assert gh.asked[-1].headers["authorization"].startswith("Bearer ey")


def test_a_login_with_a_question_mark_cannot_be_asked_for(
    strategy: githubkit.AppInstallationAuthStrategy,
):
    """`credentials.Signing`."""
    with pytest.raises(RequestError) as caught:
        client(token, strategy).rest.orgs.get_membership_for_user("acme", "a%3Fb")
    assert isinstance(caught.value.exc, httpx.InvalidURL)


def test_a_body_that_does_not_fit_is_repeated_in_the_error():
    """`client`: rest_api_validate_body=False."""
    with pytest.raises(ValueError, match="a secret reason"):
        client(token).rest.orgs.review_pat_grant_request(
            "acme", 1, action="approve", reason="a secret reason" * 100
        )


def test_the_next_page_is_taken_from_wherever_the_link_leads():
    """`client.Session.pages`."""
    gh = Told(
        lambda request: (
            httpx.Response(200, json=[], headers={"Link": '<http://elsewhere.test/x>; rel="next"'})
            if request.url.host == "github.test"
            else httpx.Response(200, json=[{"id": 1}])
        )
    )
    rest = client(gh).rest
    list(rest.paginate(rest.orgs.list_app_installations, lambda page: page.json(), org="acme"))
    assert [one.url.host for one in gh.asked] == ["github.test", "elsewhere.test"]
