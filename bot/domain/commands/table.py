"""The table of commands: parser, `/help` and README all read it."""

from dataclasses import dataclass
from enum import StrEnum


class Name(StrEnum):
    """The commands, as people write them after the slash."""

    APPROVE = "approve"
    DENY = "deny"
    REVOKE = "revoke"
    HOLD = "hold"
    UNHOLD = "unhold"
    CONFIRM = "confirm"
    STATUS = "status"
    HELP = "help"
    EXPLAIN = "explain"


class Place(StrEnum):
    """Where a comment may command."""

    REVIEW = "review issue"
    DIGEST = "digest issue"


class Reach(StrEnum):
    """Which requests a command may name on a digest issue."""

    NONE = "none"
    NUMBERS = "numbers"
    BULK = "numbers, all or filters"


@dataclass(frozen=True)
class Entry:
    """One command. `usage` and `example` fit a review issue, the `digest_` ones a digest issue."""

    name: Name
    usage: str
    example: str
    digest_usage: str
    digest_example: str
    who: str
    meaning: str
    reach: Reach = Reach.NONE
    takes_time: bool = False
    takes_reason: bool = False
    needs_reason: bool = False

    @property
    def decides(self) -> bool:
        """Whether only somebody who may decide may use it."""
        return self.who == DECIDERS

    def usage_in(self, place: Place) -> str:
        """How the command is written there."""
        return self.usage if place is Place.REVIEW else self.digest_usage

    def example_in(self, place: Place) -> str:
        """The command as somebody would really write it there."""
        return self.example if place is Place.REVIEW else self.digest_example


DECIDERS = "owners of the organization, nobody for their own request"
EVERYBODY = "everybody who can comment"

TABLE: dict[Name, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            Name.APPROVE,
            "/approve [for TIME] [reason]",
            "/approve for 30d until the migration is done",
            "/approve [for TIME] TARGET… [reason]",
            "/approve #12 #15",
            DECIDERS,
            "approves the request; after a time (`12h`, `3d`, `2w`) the access is revoked",
            reach=Reach.BULK,
            takes_time=True,
            takes_reason=True,
        ),
        Entry(
            Name.DENY,
            "/deny reason",
            "/deny please ask for one repository only",
            "/deny TARGET… reason",
            "/deny owner:octocat please ask for one repository only",
            DECIDERS,
            "denies the request; the requester gets the reason from GitHub",
            reach=Reach.BULK,
            takes_reason=True,
            needs_reason=True,
        ),
        Entry(
            Name.REVOKE,
            "/revoke [reason]",
            "/revoke the project is over",
            "/revoke #N… [reason]",
            "/revoke #12 the project is over",
            DECIDERS,
            "takes an approved token's whole access back, older access included",
            reach=Reach.NUMBERS,
            takes_reason=True,
        ),
        Entry(
            Name.HOLD,
            "/hold [reason]",
            "/hold waiting for the security team",
            "/hold #N… [reason]",
            "/hold #12 waiting for the security team",
            DECIDERS,
            "while held, nobody can approve or deny it by a command",
            reach=Reach.NUMBERS,
            takes_reason=True,
        ),
        Entry(
            Name.UNHOLD,
            "/unhold [reason]",
            "/unhold",
            "/unhold #N… [reason]",
            "/unhold #12",
            DECIDERS,
            "ends the hold, whoever set it",
            reach=Reach.NUMBERS,
            takes_reason=True,
        ),
        Entry(
            Name.CONFIRM,
            "/confirm CODE",
            "/confirm a1b2c3d4",
            "/confirm CODE",
            "/confirm a1b2c3d4",
            DECIDERS,
            "carries out what was previewed; the code holds for whom it was shown, for 24 hours",
        ),
        Entry(
            Name.STATUS,
            "/status",
            "/status",
            "/status",
            "/status",
            EVERYBODY,
            "state and history",
        ),
        Entry(
            Name.HELP,
            "/help",
            "/help",
            "/help",
            "/help",
            EVERYBODY,
            "this list",
        ),
        Entry(
            Name.EXPLAIN,
            "/explain",
            "/explain",
            "/explain",
            "/explain",
            EVERYBODY,
            "why the outcome is what it is",
        ),
    )
}
