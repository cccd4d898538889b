"""What people and the App do with issues; every act is told to the App."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox.people import People
from bot.sandbox.shapes import issues, repository
from bot.sandbox.state import Issue, IssueEvent, Label, Repository, User
from bot.sandbox.world import locked


class Issues(People):
    """Issues and their labels. The actor comes first, as in a sentence."""

    def issues(self, repo: Repository) -> list[Issue]:
        """The repository's issues by number; they are live."""
        with self.lock:
            return sorted(repo.issues.values(), key=lambda issue: issue.number)

    def issue(self, repo: Repository, number: int) -> Issue:
        """One issue; KeyError if there is none."""
        return repo.issues[number]

    @locked
    def open_issue(
        self,
        user: User,
        repo: Repository,
        title: str,
        body: str | None = None,
        *,
        labels: Sequence[str] = (),
        assignees: Sequence[User] = (),
        via_app: str | None = None,
    ) -> Issue:
        """A new issue; labels that the repository lacks are made."""
        number, moment = repo.next_number, self.now()
        ident = self.new_id("issue")
        issue = Issue(ident, number, repo, user, title, body, moment, moment, via_app=via_app)
        issue.assignees = list(assignees)
        repo.issues[number] = issue
        self.tell_issue(issue, "opened", user)
        self.set_labels(user, issue, [*labels])
        return issue

    @locked
    def close_issue(
        self, user: User, repo: Repository, number: int, state_reason: str = "completed"
    ) -> Issue:
        """Close, or change why it is closed."""
        issue = repo.issues[number]
        was_open = issue.state == "open"
        issue.state, issue.state_reason = "closed", state_reason
        issue.closed_by, issue.closed_at = user, self.now()
        if was_open:
            self._note(issue, "closed", user)
            self.tell_issue(issue, "closed", user)
        return issue

    @locked
    def reopen_issue(self, user: User, repo: Repository, number: int) -> Issue:
        """Open again."""
        issue = repo.issues[number]
        if issue.state == "closed":
            issue.state, issue.state_reason = "open", "reopened"
            issue.closed_by = issue.closed_at = None
            self._note(issue, "reopened", user)
            self.tell_issue(issue, "reopened", user)
        return issue

    @locked
    def edit_issue(
        self,
        user: User,
        repo: Repository,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
    ) -> Issue:
        """Change title or body; told with what stood there before."""
        issue, changes = repo.issues[number], {}
        if title is not None and title != issue.title:
            changes["title"] = {"from": issue.title}
            issue.title = title
        if body is not None and body != issue.body:
            changes["body"] = {"from": issue.body or ""}
            issue.body = body
        if changes:
            self._note(issue, "renamed" if "title" in changes else "", user)
            self.tell_issue(issue, "edited", user, changes=changes)
        return issue

    @locked
    def delete_issue(self, user: User, repo: Repository, number: int) -> None:
        """Delete for good: 410 from now on, and the number is not given again."""
        issue = repo.issues[number]
        self.tell_issue(issue, "deleted", user)
        del repo.issues[number]
        repo.gone.add(number)

    @locked
    def transfer_issue(self, user: User, repo: Repository, number: int, to: Repository) -> Issue:
        """Move to another repository, with a new id and number; the old address is redirected."""
        old = repo.issues[number]
        new = Issue(
            **{
                **vars(old),
                "id": self.new_id("issue"),
                "number": to.next_number,
                "repository": to,
                "labels": [name for name in old.labels if name.lower() in to.labels],
            }
        )
        to.issues[new.number] = new
        for comment in new.comments:
            comment.issue = new
        changes = {
            "new_issue": issues.issue(self.links, self.app, new, in_delivery=True),
            "new_repository": repository.in_delivery(self.links, to),
        }
        self.tell_issue(old, "transferred", user, changes=changes)
        del repo.issues[number]
        repo.transferred[number] = new
        return new

    @locked
    def lock_issue(
        self, user: User, repo: Repository, number: int, reason: str | None = None
    ) -> None:
        """Lock the conversation: no reactions, comments only from who may write."""
        issue = repo.issues[number]
        if not issue.locked:
            issue.locked, issue.lock_reason = True, reason
            self._note(issue, "locked", user)
            self.tell_issue(issue, "locked", user)

    @locked
    def unlock_issue(self, user: User, repo: Repository, number: int) -> None:
        """Unlock the conversation."""
        issue = repo.issues[number]
        if issue.locked:
            issue.locked, issue.lock_reason = False, None
            self._note(issue, "unlocked", user)
            self.tell_issue(issue, "unlocked", user)

    @locked
    def label_issue(
        self, user: User, repo: Repository, number: int, *, add: str = "", remove: str = ""
    ) -> Issue:
        """Put a label on, take one off."""
        issue = repo.issues[number]
        kept = [name for name in issue.labels if name.lower() != remove.lower()]
        self.set_labels(user, issue, [*kept, *([add] if add else [])])
        return issue

    @locked
    def assign_issue(self, user: User, repo: Repository, number: int, *people: User) -> Issue:
        """Replace the assignees. No delivery: our slice of the schemas has none."""
        issue = repo.issues[number]
        issue.assignees = list(people)
        self._note(issue, "assigned" if people else "unassigned", user)
        return issue

    @locked
    def set_labels(self, user: User, issue: Issue, names: list[str]) -> None:
        """Replace the labels; each that comes or goes is told."""
        wanted = list({name.lower(): self.label(issue.repository, name) for name in names}.values())
        before = [issue.repository.labels[name.lower()] for name in issue.labels]
        for gone in (label for label in before if label not in wanted):
            issue.labels.remove(gone.name)
            self._relabel(issue, "unlabeled", gone, user)
        for new in (label for label in wanted if label not in before):
            issue.labels.append(new.name)
            self._relabel(issue, "labeled", new, user)

    @locked
    def label(
        self, repo: Repository, name: str, color: str = "ededed", description: str | None = None
    ) -> Label:
        """The repository's label of that name, in any case; made if it is missing."""
        if name.lower() not in repo.labels:
            number = self.new_id("label")
            repo.labels[name.lower()] = Label(number, name, color, description)
        return repo.labels[name.lower()]

    @locked
    def delete_label(self, repo: Repository, name: str) -> None:
        """Remove a label from the repository and all its issues, without deliveries."""
        gone = repo.labels.pop(name.lower())
        for issue in repo.issues.values():
            issue.labels = [one for one in issue.labels if one != gone.name]

    def tell_issue(self, issue: Issue, action: str, sender: User, **more: Any) -> None:
        """Queue an ``issues`` delivery."""
        shown = issues.issue(self.links, self.app, issue, in_delivery=True)
        self.tell(
            issue.repository.owner,
            "issues",
            action,
            sender,
            {"issue": shown, **more},
            issue.repository,
        )

    def _relabel(self, issue: Issue, action: str, label: Label, user: User) -> None:
        self._note(issue, action, user, label)
        shown = repository.label(self.links, issue.repository, label)
        self.tell_issue(issue, action, user, label=shown)

    def _note(self, issue: Issue, event: str, actor: User, label: Label | None = None) -> None:
        issue.updated_at = self.now()
        if event:
            line = IssueEvent(self.new_id("event"), event, actor, issue.updated_at, label)
            issue.events.append(line)
