"""Issues, comments, labels and reactions in an admin repository."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, cast

from bot.domain.accounts import AdminRepository
from bot.domain.events import Comment
from bot.domain.times import LONG_AGO
from bot.github import reading as read
from bot.github.call import Call
from bot.github.paths import segment, split
from bot.github.reading import Json, facts_of, need_id, need_text
from bot.github.rest import models
from bot.github.rest.app import AppCalls
from bot.ports import Issue, NotFound, NotPermitted, Refused

if TYPE_CHECKING:
    from githubkit_schemas.latest.types import (
        ReposOwnerRepoIssuesIssueNumberPatchBodyType as IssueChange,
    )
    from githubkit_schemas.latest.types import ReposOwnerRepoIssuesPostBodyType as NewIssue

    from bot.github.client import Session

log = logging.getLogger(__name__)

REPOSITORY: Final = "/repos/{owner}/{repo}"
ISSUES: Final = f"{REPOSITORY}/issues"
ISSUE: Final = f"{ISSUES}/{{issue_number}}"
COMMENT: Final = f"{ISSUES}/comments/{{comment_id}}"


class IssueCalls(AppCalls):
    """What the bot does where the review issues live. See `bot.ports.GitHub` for each."""

    def _in(self, repo: AdminRepository, name: str) -> "AbstractContextManager[Session]":
        return self._call(_call(repo, name))

    def admin_repository(self, installation_id: int, full_name: str) -> AdminRepository | None:
        place = split(full_name)
        call = Call(f"GET {REPOSITORY}", installation_id)
        with suppress(NotFound), self._call(call) as gh:
            found = gh.rest.repos.get(*place, headers=gh.headers)
            return models.admin_repository(facts_of(found), installation_id)
        return None

    def ensure_labels(self, repo: AdminRepository, labels: Sequence[tuple[str, str, str]]) -> None:
        """Names ignore case."""
        place = split(repo.full_name)
        with self._in(repo, f"GET {REPOSITORY}/labels") as gh:
            first = gh.rest.issues.list_labels_for_repo(*place, per_page=100, headers=gh.headers)
            known = {need_text(row, "name").lower() for row in gh.rows(first)}
        for name, colour, text in labels:
            if name.lower() in known:
                continue
            try:
                with self._in(repo, f"POST {REPOSITORY}/labels") as gh:
                    gh.rest.issues.create_label(
                        *place,
                        name=name,
                        color=colour.lstrip("#"),
                        description=text,
                        headers=gh.headers,
                    )
            except Refused as refused:
                if "already_exists" not in str(refused):
                    raise

    def await_room(self, repo: AdminRepository) -> None:
        self._pacing.await_room(repo.installation_id)

    def create_issue(
        self,
        repo: AdminRepository,
        title: str,
        body: str,
        labels: Sequence[str],
        assignees: Sequence[str] = (),
    ) -> Issue:
        """GitHub refuses a whole issue for one login that cannot be assigned (422, field
        `assignees`); then it is opened without any: a review must not fail for a notification.
        """
        facts: NewIssue = {"title": title, "body": body, "labels": list(labels)}
        if not assignees:
            return self._open(repo, facts)
        try:
            return self._open(repo, {**facts, "assignees": list(assignees)})
        except Refused as refused:
            if "assignees" not in str(refused):
                raise
            log.warning("an issue is opened without ASSIGNEES, check their names: %s", refused)
            return self._open(repo, facts)

    def _open(self, repo: AdminRepository, facts: "NewIssue") -> Issue:
        with self._creation(_call(repo, f"POST {ISSUES}"), urgent=False) as gh:
            opened = gh.rest.issues.create(*split(repo.full_name), data=facts, headers=gh.headers)
            return models.issue(facts_of(opened))

    def update_issue(
        self,
        repo: AdminRepository,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        state: str | None = None,
        state_reason: str | None = None,
    ) -> Issue:
        """GitHub was seen to answer 200 to an over-long body and keep the old one (Refused)."""
        facts: IssueChange = {}
        if title is not None:
            facts["title"] = title
        if body is not None:
            facts["body"] = body
        if state is not None:
            facts["state"] = cast("Literal['open', 'closed']", state)
        if state_reason is not None:
            facts["state_reason"] = cast("Literal['completed', 'not_planned']", state_reason)
        with self._in(repo, f"PATCH {ISSUE}") as gh:
            changed = gh.rest.issues.update(
                *split(repo.full_name), number, data=facts, headers=gh.headers
            )
            issue = models.issue(facts_of(changed))
        if body is not None and _lines(issue.body) != _lines(body):
            raise Refused(f"PATCH {ISSUE}: GitHub kept the old body")
        return issue

    def add_labels(
        self, repo: AdminRepository, number: int, names: Sequence[str]
    ) -> tuple[str, ...]:
        with self._in(repo, f"POST {ISSUE}/labels") as gh:
            now = gh.rest.issues.add_labels(
                *split(repo.full_name), number, data={"labels": list(names)}, headers=gh.headers
            )
            return read.labels(read.json_of(now))

    def remove_label(self, repo: AdminRepository, number: int, name: str) -> bool:
        with suppress(NotFound), self._in(repo, f"DELETE {ISSUE}/labels/{{name}}") as gh:
            gh.rest.issues.remove_label(
                *split(repo.full_name), number, segment(name), headers=gh.headers
            )
            return True
        return False

    def issue(self, repo: AdminRepository, number: int) -> Issue | None:
        with suppress(NotFound), self._in(repo, f"GET {ISSUE}") as gh:
            found = gh.rest.issues.get(*split(repo.full_name), number, headers=gh.headers)
            return models.issue(facts_of(found))
        return None

    def own_issues(self, repo: AdminRepository, label: str, since: datetime) -> list[Issue]:
        """Ids tell whose they are. GitHub's filter `creator` takes a login: Apps are renamed."""
        bot = self.bot()
        with self._in(repo, f"GET {ISSUES}") as gh:
            first = gh.rest.issues.list_for_repo(
                *split(repo.full_name),
                labels=label,
                state="open",
                since=_Stamp.of(since),
                per_page=100,
                headers=gh.headers,
            )
            rows = gh.rows(first)
            own = [row for row in rows if self._identity.wrote(bot, row) and models.is_issue(row)]
            return [models.issue(row) for row in own]

    def create_comment(
        self, repo: AdminRepository, number: int, body: str, *, urgent: bool = False
    ) -> int:
        call = _call(repo, f"POST {ISSUE}/comments")
        with self._creation(call, urgent=urgent) as gh:
            made = gh.rest.issues.create_comment(
                *split(repo.full_name), number, body=body, headers=gh.headers
            )
            return need_id(facts_of(made), "id")

    def own_comments(self, repo: AdminRepository, number: int, since: datetime) -> list[Comment]:
        bot = self.bot()
        rows = self._comments(repo, number, since)
        return [models.comment(row) for row in rows if self._identity.wrote(bot, row)]

    def comments(
        self, repo: AdminRepository, number: int, since: datetime = LONG_AGO
    ) -> list[Comment]:
        return [models.comment(row) for row in self._comments(repo, number, since)]

    def comments_since(self, repo: AdminRepository, since: datetime) -> list[Comment]:
        with self._in(repo, f"GET {ISSUES}/comments") as gh:
            first = gh.rest.issues.list_comments_for_repo(
                *split(repo.full_name),
                sort="created",
                direction="asc",
                since=_Stamp.of(since),
                per_page=100,
                headers=gh.headers,
            )
            return [models.comment(row) for row in gh.rows(first) if read.whole(row.get("id"))]

    def _comments(self, repo: AdminRepository, number: int, since: datetime) -> list[Json]:
        with self._in(repo, f"GET {ISSUE}/comments") as gh:
            first = gh.rest.issues.list_comments(
                *split(repo.full_name),
                number,
                since=_Stamp.of(since),
                per_page=100,
                headers=gh.headers,
            )
            return gh.rows(first)

    def comment(self, repo: AdminRepository, comment_id: int) -> Comment | None:
        with suppress(NotFound), self._in(repo, f"GET {COMMENT}") as gh:
            found = gh.rest.issues.get_comment(
                *split(repo.full_name), comment_id, headers=gh.headers
            )
            return models.comment(facts_of(found))
        return None

    def react(self, repo: AdminRepository, comment_id: int, content: str) -> bool:
        kind = cast("Literal['+1', 'confused']", content)
        try:
            with self._in(repo, f"POST {COMMENT}/reactions") as gh:
                gh.rest.reactions.create_for_issue_comment(
                    *split(repo.full_name), comment_id, content=kind, headers=gh.headers
                )
        except (NotFound, Refused, NotPermitted):
            return False
        return True


class _Stamp(datetime):
    """A time that stands in a query as GitHub wants it, whole seconds, rounded down.

    githubkit 0.16.1 takes a `datetime` and sends `str` of it, with a blank.
    """

    @classmethod
    def of(cls, moment: datetime) -> "_Stamp":
        return cls.fromtimestamp(moment.timestamp(), UTC)

    def __str__(self) -> str:
        return self.strftime("%Y-%m-%dT%H:%M:%SZ")


def _call(repo: AdminRepository, name: str) -> Call:
    """A call in this repository, by the installation that owns it."""
    return Call(name, repo.installation_id, repository_id=repo.id)


def _lines(body: str) -> str:
    """A body without the differences that GitHub may make: line ends, blanks around."""
    return body.replace("\r\n", "\n").strip()
