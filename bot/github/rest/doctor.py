"""What the doctor asks: of GitHub itself, the App, its webhook and its installations."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.domain.accounts import Account, AdminRepository, Organization
from bot.domain.doctor.facts import (
    AppFacts,
    Attempt,
    Greeting,
    HookConfig,
    Installed,
    RateLimit,
)
from bot.github import reading as read
from bot.github.call import Call
from bot.github.paths import segment, split
from bot.github.reading import UNKNOWN, Json, facts_of, need_id, need_text
from bot.github.rest import models
from bot.github.rest.caller import Caller

if TYPE_CHECKING:
    from bot.github.client import Session

REPOSITORY: Final = "/repos/{owner}/{repo}"
VERSION: Final = "X-GitHub-Api-Version"


class DoctorCalls(Caller):
    """See `bot.ports.doctor.GitHubLook` for each."""

    def greeting(self) -> Greeting:
        from githubkit.exception import RequestFailed  # noqa: PLC0415 - see bot/github/api.py

        with self._call(Call("GET /meta", anonymous=True)) as gh:
            try:
                answer = gh.rest.meta.get(headers=gh.headers)
                status, headers, url = answer.status_code, answer.headers, answer.url
            except RequestFailed as failed:  # whatever GitHub answers, it tells the time
                refusal = failed.response
                status, headers, url = refusal.status_code, refusal.headers, refusal.url
                if status >= 500 or status in {403, 408, 429}:
                    raise
            host = urlsplit(str(url)).netloc
            return Greeting(status, _date(headers.get("date")), gh.headers[VERSION], host)

    def app(self) -> AppFacts:
        with self._call(Call("GET /app")) as gh:
            facts = facts_of(gh.rest.apps.get_authenticated(headers=gh.headers))
            return AppFacts(
                need_id(facts, "id"),
                need_text(facts, "slug"),
                read.account(facts.get("owner")) or UNKNOWN,
                read.granted(facts.get("permissions")),
                read.labels(facts.get("events")),
            )

    def installed(self) -> list[Installed]:
        with self._call(Call("GET /app/installations")) as gh:
            first = gh.rest.apps.list_installations(per_page=100, headers=gh.headers)
            return [_installed(row) for row in gh.rows(first)]

    def hook(self) -> HookConfig:
        with self._call(Call("GET /app/hook/config")) as gh:
            found = facts_of(gh.rest.apps.get_webhook_config_for_app(headers=gh.headers))
        return HookConfig(
            read.text(found.get("url")),
            read.text(found.get("content_type")),
            bool(read.text(found.get("secret"))),
            str(found.get("insecure_ssl", "0")) == "0",
        )

    def attempts(self) -> list[Attempt]:
        with self._call(Call("GET /app/hook/deliveries")) as gh:
            first = gh.rest.apps.list_webhook_deliveries(per_page=100, headers=gh.headers)
            rows = [models.delivery(row) for row in next(gh.pages(first), [])]
        return [Attempt(row.guid, row.status_code, row.delivered_at) for row in rows]

    def rate_limit(self, installation_id: int) -> RateLimit:
        with self._call(Call("GET /rate_limit", installation_id)) as gh:
            found = facts_of(gh.rest.rate_limit.get(headers=gh.headers))
            core = read.mapping(read.at(found, "resources.core"))
            return RateLimit(
                need_id(core, "limit"),
                read.whole(core.get("remaining")) or 0,
                read.moment(core.get("reset")),
            )

    def reached(self, installation_id: int) -> list[str]:
        """This list comes in an object, so its pages are asked for by number."""
        found: list[str] = []
        with self._call(Call("GET /installation/repositories", installation_id)) as gh:
            for page in range(1, 11):
                answer = gh.rest.apps.list_repos_accessible_to_installation(
                    per_page=100, page=page, headers=gh.headers
                )
                rows = read.objects(facts_of(answer).get("repositories"))
                found += [read.text(row.get("full_name")) for row in rows]
                if len(rows) < 100:
                    break
        return found

    def label_names(self, repo: AdminRepository) -> list[str]:
        with self._of_repository(repo, "/labels") as gh:
            first = gh.rest.issues.list_labels_for_repo(
                *split(repo.full_name), per_page=100, headers=gh.headers
            )
            return [need_text(row, "name") for row in gh.rows(first)]

    def pushers(self, repo: AdminRepository) -> list[str]:
        with self._of_repository(repo, "/collaborators") as gh:
            first = gh.rest.repos.list_collaborators(
                *split(repo.full_name), permission="push", per_page=100, headers=gh.headers
            )
            return [read.text(row.get("login")) for row in gh.rows(first)]

    def readers(self, repo: AdminRepository) -> list[Account]:
        with self._of_repository(repo, "/collaborators") as gh:
            first = gh.rest.repos.list_collaborators(
                *split(repo.full_name), permission="pull", per_page=100, headers=gh.headers
            )
            return [one for row in gh.rows(first) if (one := read.account(row)) is not None]

    def team_members(self, org: Organization, slug: str) -> list[Account]:
        with self._call(
            Call("GET /orgs/{org}/teams/{team_slug}/members", org.installation_id)
        ) as gh:
            first = gh.rest.teams.list_members_in_org(
                segment(org.login), segment(slug), per_page=100, headers=gh.headers
            )
            return [one for row in gh.rows(first) if (one := read.account(row)) is not None]

    def _of_repository(self, repo: AdminRepository, part: str) -> "AbstractContextManager[Session]":
        return self._call(Call(f"GET {REPOSITORY}{part}", repo.installation_id))


def _installed(row: Json) -> Installed:
    one = models.installation(row)
    page = read.page(row.get("html_url"))
    return Installed(one.id, one.account, one.suspended, one.permissions, page)


def _date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
