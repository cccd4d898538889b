"""Routing: where a delivery waits, or why it need not, before anything is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.domain.accounts import Account
from bot.github.reading import Json, at, text, whole
from bot.github.webhooks.payloads import is_default_branch, owner_of
from bot.replies.labels import LABELS

USED: Final = {
    "personal_access_token_request": {"created", "approved", "denied", "cancelled"},
    "issue_comment": {"created"},
    "issues": {
        *("closed", "reopened", "edited", "deleted", "transferred", "labeled", "unlabeled"),
    },
    "repository": {"publicized", "privatized", "archived", "unarchived", "renamed", "deleted"},
    "installation": {"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"},
    "installation_repositories": {"added", "removed"},
    "organization": {"renamed", "member_removed"},
    "installation_target": {"renamed"},
    "push": {""},
}
"""The events that the bot uses, and of each the actions."""

WITHOUT_ACTION: Final = {"push"}
"""Events that have no `action`."""

REQUIRED: Final = {
    "personal_access_token_request": ("personal_access_token_request.id",),
    "issue_comment": ("comment.id", "issue.id", "issue.number"),
    "issues": ("issue.id", "issue.number"),
    "repository": ("repository.id",),
    "push": ("repository.id",),
}
"""The integers without which a used event is malformed."""

SUBJECTS: Final = {"personal_access_token_request", "issue", "comment"}
"""What a delivery is about, by the names in its body. The event's name is a header and not signed:
a body that is about more than its event is one of another event, sent again under a false name."""

LABELLING: Final = {"labeled", "unlabeled"}
OUR_LABELS: Final = {name for name, _colour, _description in LABELS}
"""People's own labels are theirs: only these are ever brought back."""


@dataclass(frozen=True)
class Route:
    """Where a delivery waits. `lane` None: the store finds it by `issue`, (repository id, number).

    Lower priority comes first: 0 for what people wait for, 1 for the rest.
    """

    action: str
    installation_id: int
    org_id: int
    lane: str | None
    issue: tuple[int, int] | None
    priority: int


@dataclass(frozen=True)
class Ignored:
    """A delivery that needs nothing; why, for the log."""

    why: str
    foreign: bool = False
    """Whether it is another's: whoever forgot ORGANIZATIONS looks for it in the log."""


@dataclass(frozen=True)
class Malformed:
    """A delivery that GitHub would not send; why, for the answer."""

    why: str


def route(
    name: str,
    payload: Json,
    allows: Callable[[Account], bool],
    lends: Callable[[Account], bool],
) -> Route | Ignored | Malformed:
    """Judge a delivery by its event name and parsed body.

    `allows` tells whether the bot serves an organization, `lends` whether it owns the shared admin
    repository: then all but token requests are taken, served or not, since issues live there.
    """
    if name not in USED:
        return Ignored(f"the bot does not use the event {name}")
    malformed = _malformed(name, payload)
    if malformed is not None:
        return malformed
    owner = owner_of(payload)
    foreign = _foreign(name, owner, allows, lends)
    if foreign or owner is None:
        return Ignored(foreign, foreign=True)
    if unused := _unused(name, payload):
        return Ignored(unused)
    if name == "push" and not is_default_branch(payload):
        return Ignored("is a push to another branch than the default one")
    return _crossed(name, payload) or _route(name, payload, owner)


def _malformed(name: str, payload: Json) -> Malformed | None:
    if not isinstance(payload.get(_kind(name)), str):
        return Malformed(f"{name}: no {_kind(name)}")
    absent = [path for path in REQUIRED.get(name, ()) if whole(at(payload, path)) is None]
    return Malformed(f"{name}: no integer {absent[0]}") if absent else None


def _kind(name: str) -> str:
    """Where the payload says what happened: a push has no action, but a ref that moved."""
    return "ref" if name in WITHOUT_ACTION else "action"


def _action(name: str, payload: Json) -> str:
    return "" if name in WITHOUT_ACTION else str(payload["action"])


def _crossed(name: str, payload: Json) -> Malformed | None:
    own = {path.partition(".")[0] for path in REQUIRED.get(name, ())}
    more = sorted(one for one in SUBJECTS - own if payload.get(one) is not None)
    return Malformed(f"{name}: has a {more[0]}, which this event has not") if more else None


def _unused(name: str, payload: Json) -> str:
    if _action(name, payload) not in USED[name]:
        return f"the bot does not use this action of {name}"
    if whole(at(payload, "installation.id")) is None:
        return "names no installation"
    if at(payload, "issue.pull_request"):
        return "is about a pull request"
    if (
        _action(name, payload) in LABELLING
        and text(at(payload, "label.name")).lower() not in OUR_LABELS
    ):
        return "is about a label of somebody else"
    if name in {"issue_comment", "issues"} and whole(at(payload, "repository.id")) is None:
        return "names no repository"
    return ""


def _foreign(
    name: str,
    owner: Account | None,
    allows: Callable[[Account], bool],
    lends: Callable[[Account], bool],
) -> str:
    if owner is None:
        return "names no organization"
    if owner.type != "Organization":
        return "the App is installed on an account that is no organization"
    if allows(owner) or (name != "personal_access_token_request" and lends(owner)):
        return ""
    return f"the bot does not serve the organization {owner.id}"


def _route(name: str, payload: Json, owner: Account) -> Route:
    lane, issue = f"organization:{owner.id}", None
    if name == "personal_access_token_request":
        lane = f"request:{owner.id}/{at(payload, 'personal_access_token_request.id')}"
    elif name in {"issue_comment", "issues"}:
        issue = (at(payload, "repository.id"), at(payload, "issue.number"))
    return Route(
        action=_action(name, payload),
        installation_id=at(payload, "installation.id"),
        org_id=owner.id,
        lane=None if issue else lane,
        issue=issue,
        priority=0 if name == "issue_comment" else 1,
    )
