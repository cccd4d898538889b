"""The table of commands: the parser, the handlers, `/help` and README all read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Name(StrEnum):
    """The commands, as people write them after the slash."""

    APPROVE = "approve"
    DENY = "deny"
    COUNTER = "counter"
    REVOKE = "revoke"
    HOLD = "hold"
    UNHOLD = "unhold"
    KEEP = "keep"
    CONFIRM = "confirm"
    ADOPT = "adopt"
    REJECT = "reject"
    STATUS = "status"
    HELP = "help"
    EXPLAIN = "explain"


class Place(StrEnum):
    """Where a comment may command."""

    REVIEW = "review issue"
    DIGEST = "digest issue"
    POLICY = "policy issue"


class Reach(StrEnum):
    """Which targets a command takes."""

    NONE = "none"
    NUMBERS = "numbers"
    BULK = "numbers, all or filters"
    TOKENS = "numbers, tokens or a kind of tokens"
    ONLY_TOKENS = "tokens"


@dataclass(frozen=True)
class Form:
    """How a command is written in one place, an example of it, and which targets it takes there."""

    usage: str
    example: str
    reach: Reach = Reach.NONE


@dataclass(frozen=True)
class Entry:
    """One command. `forms` has the places where it exists; elsewhere there is no such command.

    `who` may use it, `meaning` is what it does, both as people read them. `decides`: whether only
    somebody who may decide can use it. `takes_time`: whether `for TIME` may follow it.
    """

    name: Name
    meaning: str
    who: str
    forms: Mapping[Place, Form]
    decides: bool = False
    takes_time: bool = False
    takes_reason: bool = False
    needs_reason: bool = False


DECIDERS = "organization owners, never for their own request"
OWNERS = "organization owners"
EVERYBODY = "anyone who can comment"

EXAMPLE_NUMBERS = ("#900001", "#900002")
"""Issue numbers that no admin repository reaches: an example that is copied decides nothing."""
_ONE, _TWO = EXAMPLE_NUMBERS


def _everywhere(usage: str, example: str) -> Mapping[Place, Form]:
    return {place: Form(usage, example) for place in Place}


TABLE: dict[Name, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            Name.APPROVE,
            "Approves the request. With a time limit (`12h`, `3d`, `2w`) the access is revoked "
            "when the time is over.",
            DECIDERS,
            {
                Place.REVIEW: Form(
                    "/approve [for TIME] [reason]", "/approve for 30d until the migration is done"
                ),
                Place.DIGEST: Form(
                    "/approve [for TIME] TARGET… [reason]",
                    f"/approve for 30d {_ONE} {_TWO} for the migration",
                    Reach.BULK,
                ),
            },
            decides=True,
            takes_time=True,
            takes_reason=True,
        ),
        Entry(
            Name.DENY,
            "Denies the request. GitHub sends the reason to the requester.",
            DECIDERS,
            {
                Place.REVIEW: Form("/deny reason", "/deny please ask for one repository only"),
                Place.DIGEST: Form(
                    "/deny TARGET… reason",
                    f"/deny {_ONE} please ask for one repository only",
                    Reach.BULK,
                ),
            },
            decides=True,
            takes_reason=True,
            needs_reason=True,
        ),
        Entry(
            Name.COUNTER,
            "Denies the request. GitHub tells the requester which smaller one would be fine.",
            DECIDERS,
            {
                Place.REVIEW: Form(
                    "/counter PERMISSION[:LEVEL]… [repositories:NAME,NAME] [for TIME] [text]",
                    "/counter contents:read issues:write for 30d reading the code is enough",
                )
            },
            decides=True,
        ),
        Entry(
            Name.REVOKE,
            "Takes back all access of an approved token, also what it had before.",
            DECIDERS,
            {
                Place.REVIEW: Form("/revoke [reason]", "/revoke the project is over"),
                Place.DIGEST: Form(
                    "/revoke TARGET… [reason]",
                    "/revoke token:900000000001 the project is over",
                    Reach.TOKENS,
                ),
            },
            decides=True,
            takes_reason=True,
        ),
        Entry(
            Name.KEEP,
            "Digests do not list the active token again until the time is over.",
            "organization owners, never for their own token",
            {
                Place.DIGEST: Form(
                    "/keep token:ID… for TIME reason",
                    "/keep token:900000000001 for 90d the yearly backup uses it",
                    Reach.ONLY_TOKENS,
                ),
            },
            decides=True,
            takes_reason=True,
            needs_reason=True,
        ),
        Entry(
            Name.HOLD,
            "Puts the request on hold: nobody can approve or deny it by a command.",
            DECIDERS,
            {
                Place.REVIEW: Form("/hold [reason]", "/hold waiting for the security team"),
                Place.DIGEST: Form(
                    "/hold #N… [reason]",
                    f"/hold {_ONE} waiting for the security team",
                    Reach.NUMBERS,
                ),
            },
            decides=True,
            takes_reason=True,
        ),
        Entry(
            Name.UNHOLD,
            "Ends the hold. Only an owner can end a hold by an owner.",
            DECIDERS,
            {
                Place.REVIEW: Form("/unhold [reason]", "/unhold the security team agrees"),
                Place.DIGEST: Form(
                    "/unhold #N… [reason]",
                    f"/unhold {_ONE} the security team agrees",
                    Reach.NUMBERS,
                ),
            },
            decides=True,
            takes_reason=True,
        ),
        Entry(
            Name.CONFIRM,
            "Carries out what a preview showed. Only the person who asked for the preview can use "
            "the code, within 24 hours.",
            DECIDERS,
            _everywhere("/confirm CODE", "/confirm a1b2c3d4"),
            decides=True,
        ),
        Entry(
            Name.ADOPT,
            "Puts the policy that the issue shows in force, when enough owners have adopted it.",
            OWNERS,
            {Place.POLICY: Form("/adopt", "/adopt")},
            decides=True,
        ),
        Entry(
            Name.REJECT,
            "Rejects the policy that the issue shows. The one in force stays.",
            OWNERS,
            {Place.POLICY: Form("/reject [reason]", "/reject the second rule is too wide")},
            decides=True,
            takes_reason=True,
        ),
        Entry(
            Name.STATUS,
            "Shows the state and the history.",
            EVERYBODY,
            _everywhere("/status", "/status"),
        ),
        Entry(Name.HELP, "Shows this list.", EVERYBODY, _everywhere("/help", "/help")),
        Entry(
            Name.EXPLAIN,
            "Shows why the outcome is what it is.",
            EVERYBODY,
            _everywhere("/explain", "/explain"),
        ),
    )
}


def commands_in(place: Place) -> dict[Name, Entry]:
    """The commands that exist in this place, in the table's order."""
    return {name: entry for name, entry in TABLE.items() if place in entry.forms}
