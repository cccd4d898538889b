"""Issues, comments, labels and reactions in an admin repository."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bot.domain.accounts import AdminRepository
from bot.domain.events import Comment
from bot.github.client import Calls
from bot.github.operation import Operation, Query
from bot.github.paths import split
from bot.github.reading import Json, need_id, need_text
from bot.github.rest import models
from bot.github.rest.app import AppCalls
from bot.ports import Issue, NotFound, NotPermitted, Refused

log = logging.getLogger(__name__)

REPOSITORY: Final = "/repos/{owner}/{repo}"
LABELS: Final = f"{REPOSITORY}/labels"
ISSUES: Final = f"{REPOSITORY}/issues"
ISSUE: Final = f"{ISSUES}/{{issue_number}}"
COMMENTS: Final = f"{ISSUE}/comments"
COMMENT: Final = f"{ISSUES}/comments/{{comment_id}}"
REACTIONS: Final = f"{COMMENT}/reactions"


class IssueCalls(AppCalls):
    """What the bot does where the review issues live."""

    _calls: Calls

    def admin_repository(self, installation_id: int, full_name: str) -> AdminRepository | None:
        """The repository's facts now; None when missing or not among the App's repositories."""
        operation = Operation("GET", REPOSITORY, split(full_name), installation_id)
        try:
            return self._calls.one(
                operation, lambda facts: models.admin_repository(facts, installation_id)
            )
        except NotFound:
            return None

    def ensure_labels(self, repo: AdminRepository, labels: Sequence[tuple[str, str, str]]) -> None:
        """Create the missing ones of these (name, colour, description). Names ignore case."""
        there = self._calls.all(_in(repo, "GET", LABELS), lambda row: need_text(row, "name"))
        known = {name.lower() for name in there}
        for name, colour, description in labels:
            if name.lower() not in known:
                body = {"name": name, "color": colour.lstrip("#"), "description": description}
                self._ensure_label(_in(repo, "POST", LABELS, body=body))

    def _ensure_label(self, operation: Operation) -> None:
        try:
            self._calls.send(operation)
        except Refused as refused:
            if "already_exists" not in str(refused):
                raise

    def await_room(self, repo: AdminRepository) -> None:
        """Raises NoRoom while the content limit leaves no room for ordinary content. No call."""
        self._calls.await_room(repo.installation_id)

    def create_issue(
        self,
        repo: AdminRepository,
        title: str,
        body: str,
        labels: Sequence[str],
        assignees: Sequence[str] = (),
    ) -> Issue:
        """Open an issue. Raises NotFound when the repository is gone or issues are off.

        GitHub refuses a whole issue for one login that cannot be assigned (422, field
        `assignees`); then it is opened without any: a review must not fail for a notification.
        """
        facts: Json = {"title": title, "body": body, "labels": list(labels)}
        if not assignees:
            return self._open(repo, facts)
        try:
            return self._open(repo, {**facts, "assignees": list(assignees)})
        except Refused as refused:
            if "assignees" not in str(refused):
                raise
            log.warning("an issue is opened without ASSIGNEES, check their names: %s", refused)
            return self._open(repo, facts)

    def _open(self, repo: AdminRepository, facts: Json) -> Issue:
        operation = _in(repo, "POST", ISSUES, body=facts)
        return self._calls.create(operation, models.issue, urgent=False)

    def update_issue(
        self,
        repo: AdminRepository,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        state: str | None = None,
        state_reason: str | None = None,
        labels: Sequence[str] | None = None,
    ) -> Issue:
        """Change what is given. `labels` replaces the set. Raises NotFound, Refused.

        GitHub was seen to answer 200 to an over-long body and keep the old one, so it is compared.
        """
        given = {"title": title, "body": body, "state": state, "state_reason": state_reason}
        facts: Json = {name: value for name, value in given.items() if value is not None}
        if labels is not None:
            facts["labels"] = list(labels)
        operation = _in(repo, "PATCH", ISSUE, body=facts, issue_number=number)
        issue = self._calls.one(operation, models.issue)
        if body is not None and _lines(issue.body) != _lines(body):
            raise Refused(f"{operation.name}: GitHub kept the old body")
        return issue

    def issue(self, repo: AdminRepository, number: int) -> Issue | None:
        """The issue now; None when deleted or transferred."""
        try:
            return self._calls.one(_in(repo, "GET", ISSUE, issue_number=number), models.issue)
        except NotFound:
            return None

    def own_issues(self, repo: AdminRepository, label: str, since: datetime) -> list[Issue]:
        """The App's own issues with this label, changed since then, open or closed."""
        bot = self.bot()
        query = (
            ("creator", bot.login),
            ("labels", label),
            ("state", "all"),
            ("since", _stamp(since)),
        )
        operation = _in(repo, "GET", ISSUES, query=query)
        found = self._calls.all(operation, lambda row: (models.issue(row), models.is_issue(row)))
        return [issue for issue, real in found if real and issue.author.id == bot.id]

    def create_comment(
        self, repo: AdminRepository, number: int, body: str, *, urgent: bool = False
    ) -> int:
        """Comment; the new comment's id. Raises NotFound, Refused (locked)."""
        operation = _in(repo, "POST", COMMENTS, body={"body": body}, issue_number=number)
        return self._calls.create(operation, lambda facts: need_id(facts, "id"), urgent=urgent)

    def own_comments(self, repo: AdminRepository, number: int, since: datetime) -> dict[int, str]:
        """The App's own comments on an issue changed since then: id → body. Raises NotFound."""
        bot = self.bot()
        query = (("since", _stamp(since)),)
        operation = _in(repo, "GET", COMMENTS, query=query, issue_number=number)
        found = self._calls.all(operation, models.comment)
        return {comment.id: comment.body for comment in found if comment.author.id == bot.id}

    def comment(self, repo: AdminRepository, comment_id: int) -> Comment | None:
        """The comment as it stands now; None when deleted."""
        operation = _in(repo, "GET", COMMENT, comment_id=comment_id)
        try:
            return self._calls.one(operation, models.comment)
        except NotFound:
            return None

    def react(self, repo: AdminRepository, comment_id: int, content: str) -> bool:
        """React to a comment; False when GitHub refuses (locked issue, deleted comment)."""
        operation = _in(repo, "POST", REACTIONS, body={"content": content}, comment_id=comment_id)
        try:
            self._calls.send(operation)
        except (NotFound, Refused, NotPermitted):
            return False
        return True


def _in(
    repo: AdminRepository,
    method: str,
    template: str,
    *,
    query: Query = (),
    body: Json | None = None,
    **path: int,
) -> Operation:
    """A call in this repository, by the installation that owns it."""
    return Operation(
        method,
        template,
        {**split(repo.full_name), **path},
        repo.installation_id,
        query,
        body,
        repository_id=repo.id,
    )


def _stamp(moment: datetime) -> str:
    """GitHub's form, whole seconds, rounded down."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lines(body: str) -> str:
    """A body without the differences that GitHub may make: line ends, blanks around."""
    return body.replace("\r\n", "\n").strip()
