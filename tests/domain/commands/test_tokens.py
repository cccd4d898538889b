"""`token:ID` and kinds of active tokens as targets."""

from datetime import timedelta

import pytest

from bot.domain.commands import Command, Misuse, MisuseKind, Place, Targets, read_command

READ = [
    ("/revoke token:17 it leaked", Targets(tokens=(17,)), "it leaked"),
    ("/revoke token:17 token:18", Targets(tokens=(17, 18)), ""),
    ("/revoke token:17,18 TOKEN:17 x", Targets(tokens=(17, 18)), "x"),
    ("/revoke unused", Targets(kind="unused"), ""),
    ("/revoke Ownerless they left", Targets(kind="ownerless"), "they left"),
    ("/revoke unreviewed", Targets(kind="unreviewed"), ""),
    ("/revoke #12 unused since May", Targets(numbers=(12,)), "unused since May"),
]


@pytest.mark.parametrize(("text", "targets", "reason"), READ)
def test_what_is_revoked(text: str, targets: Targets, reason: str) -> None:
    command = read_command(text, Place.DIGEST)
    assert isinstance(command, Command)
    assert (command.targets, command.reason) == (targets, reason)


def test_only_ids_need_no_preview() -> None:
    assert not Targets(tokens=(1,)).needs_preview
    assert Targets(kind="unused").needs_preview


REFUSED = [
    ("/revoke token:", MisuseKind.BAD_TARGET),
    ("/revoke token:abc", MisuseKind.BAD_TARGET),
    ("/revoke token:17 token:x", MisuseKind.BAD_TARGET),
    ("/revoke token:17 #12", MisuseKind.MIXED_TARGETS),
    ("/revoke token:17 unused", MisuseKind.MIXED_TARGETS),
    ("/revoke unused token:17", MisuseKind.MIXED_TARGETS),
    ("/revoke unused ownerless", MisuseKind.MIXED_TARGETS),
    ("/revoke wider", MisuseKind.TARGETS_MISSING),
    ("/revoke all", MisuseKind.NUMBERS_ONLY),
    ("/keep for 90d reason", MisuseKind.TARGETS_MISSING),
    ("/keep unused for 90d reason", MisuseKind.TARGETS_MISSING),
    ("/keep token:17 the backup", MisuseKind.TIME_MISSING),
    ("/keep token:17 for ever the backup", MisuseKind.TIME_MISSING),
    ("/keep token:17 for 900d the backup", MisuseKind.TIME_MISSING),
    ("/keep token:17 for 90d", MisuseKind.REASON_MISSING),
    ("/approve token:17", MisuseKind.TARGETS_MISSING),
]


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_what_cannot_be_read(text: str, kind: MisuseKind) -> None:
    wrong = read_command(text, Place.DIGEST)
    assert isinstance(wrong, Misuse)
    assert wrong.kind is kind


def test_keep() -> None:
    command = read_command("/keep token:17 for 90d the yearly backup", Place.DIGEST)
    assert isinstance(command, Command)
    assert command.targets == Targets(tokens=(17,))
    assert (command.lifetime, command.reason) == (timedelta(days=90), "the yearly backup")
    assert isinstance(read_command("/keep token:17 for 90d x", Place.REVIEW), Misuse)
