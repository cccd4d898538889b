"""The exchange by which a GitHub App gets its credentials: once, and without any credentials."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from githubkit import GitHub, Response
from githubkit.exception import RequestError, RequestFailed

from bot import VERSION
from bot.github.call import api_version
from bot.github.failures import failure
from bot.github.paths import segment
from bot.github.reading import Missing, at, facts_of, need_id, need_text, page
from bot.ports import Permanent, Retryable

CALL: Final = "POST /app-manifests/{code}/conversions"
LONGEST: Final = 15.0
"""Seconds for GitHub to answer."""


@dataclass(frozen=True, repr=False)
class NewApp:
    """What GitHub tells once of an App that was made from a manifest. No repr: it has secrets."""

    id: int
    pem: str
    webhook_secret: str
    client_id: str
    client_secret: str
    html_url: str
    owner: str


def convert_manifest(base_url: str, code: str) -> NewApp:
    """Exchange the code that GitHub came back with, good once within an hour.

    Raises Refused or NotFound when GitHub does not take the code, Permanent when it took the code
    and its answer lacks something, and Retryable when it does not answer; no error quotes code or
    answer.
    """
    agent = f"countersign-bot/{VERSION}"
    github = GitHub(
        base_url=base_url.rstrip("/") + "/",
        user_agent=agent,
        timeout=LONGEST,
        follow_redirects=False,
        http_cache=False,
        auto_retry=False,
    )
    try:
        headers = api_version(base_url)
        answer = github.rest.apps.create_from_manifest(segment(code), headers=headers)
    except RequestFailed as failed:
        raise failure(CALL, failed.response) from None
    except RequestError as error:
        raise Retryable(f"{CALL}: {type(error.exc).__name__}") from None
    return _read(answer)


def _read(answer: Response[Any, Any]) -> NewApp:
    facts = facts_of(answer)
    facts["html_url"] = page(facts.get("html_url"))
    names = ("pem", "webhook_secret", "client_id", "client_secret", "html_url")
    try:
        texts = {name: need_text(facts, name) for name in names}
        return NewApp(id=need_id(facts, "id"), owner=str(at(facts, "owner.login") or ""), **texts)
    except Missing as missing:
        took = answer.status_code == HTTPStatus.CREATED  # else something between answered
        kind = Permanent if took else Retryable
        raise kind(f"{CALL}: the answer has {missing}") from None
