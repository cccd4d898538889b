"""Which requests a digest's command means."""

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.commands import Command, Place, Selection, read_command, select
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from tests.domain.making import ALICE, BOB, make_row

OWNER = Account(1, "owner")
ROWS = [
    make_row(10, requester=BOB),
    make_row(11, requester=ALICE, result={"repository": {"pull_requests": "read"}}),
    make_row(12, requester=ALICE, selection="all", repositories=()),
    make_row(13, requester=ALICE, repositories=(Repository(3, "acme-corp/API"),)),
    make_row(14, State.HELD, requester=BOB),
    make_row(15, requester=OWNER),
    make_row(16, State.APPROVED, requester=BOB),
]


def selected(line: str) -> Selection:
    command = read_command(line, Place.DIGEST)
    assert isinstance(command, Command)
    return select(command, ROWS, OWNER)


def numbers(rows: tuple[RequestRecord, ...]) -> list[int]:
    return [row.issue.number for row in rows if row.issue]


@pytest.mark.parametrize(
    ("targets", "chosen"),
    [
        ("all", [10, 11, 12, 13]),
        ("owner:ALICE-dev", [11, 12, 13]),
        ("owner:bob owner:alice-dev", [10, 11, 12, 13]),
        ("owner:nobody", []),
        ("permission:contents", [10, 12, 13]),
        ("permission:contents:write", [10, 12, 13]),
        ("permission:contents:read", []),
        ("permission:pull_requests:read", [11]),
        ("permission:pull-requests", [11]),
        ('permission:"pull requests"', [11]),
        ("permission:pull_requests permission:contents owner:alice-dev", [11, 12, 13]),
        ("repository:api", [12, 13]),
        ("repository:Acme-Corp/api", [12, 13]),
        ("repository:other/api", [12]),
        ("repository:web-app", [10, 11, 12]),
        ("repository:api owner:bob", []),
        ("#13 #10", [10, 13]),
    ],
)
def test_chosen(targets: str, chosen: list[int]) -> None:
    assert numbers(selected(f"/approve {targets}").chosen) == chosen


def test_what_is_left_out_is_named() -> None:
    everything = selected("/deny all no")
    assert (numbers(everything.held), numbers(everything.own)) == ([14], [15])
    assert everything.decided == ()
    listed = selected("/deny #14 #15 #16 no")
    assert (numbers(listed.held), numbers(listed.own), numbers(listed.decided)) == (
        [14],
        [15],
        [16],
    )
    assert listed.chosen == ()


def test_unknown_numbers_are_told() -> None:
    assert selected("/approve #10 #99 #98").unknown == (99, 98)
    assert selected("/approve #10").unknown == ()


@pytest.mark.parametrize("line", ["/unhold #14 #16", "/hold #14 #16", "/revoke #14 #16"])
def test_other_commands_judge_held_and_decided_ones_themselves(line: str) -> None:
    assert numbers(selected(line).chosen) == [14, 16]
