"""Times, targets and reasons on a command's line."""

from datetime import timedelta

import pytest

from bot.domain.commands import (
    TABLE,
    Command,
    Misuse,
    MisuseKind,
    Name,
    Place,
    Targets,
    commands_in,
    read_command,
)


def command(text: str, place: Place = Place.REVIEW) -> Command:
    answer = read_command(text, place)
    assert isinstance(answer, Command), answer
    return answer


def misuse(text: str, place: Place = Place.REVIEW) -> MisuseKind:
    answer = read_command(text, place)
    assert isinstance(answer, Misuse), answer
    assert answer.place is place
    return answer.kind


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/deny  two  blanks  ", "two  blanks"),
        ("/deny\tafter a tab", "after a tab"),
        ("/deny &amp; \\* `x` <b> **no**", "&amp; \\* `x` <b> **no**"),
        ("/deny @bob #1 for 3 days", "@bob #1 for 3 days"),
        ("/deny for 3 reasons", "for 3 reasons"),
        ("/deny \u202ebidi\u200b", "\u202ebidi\u200b"),
        ("/approve for", "for"),
        ("/approve all good", "all good"),
        ("/approve https://example.org/x", "https://example.org/x"),
        ("/approve note: fine", "note: fine"),
        ("/approve # fine", "# fine"),
        ("/deny " + "x" * 1024, "x" * 1024),
        ("/deny " + "\U0001f600" * 1024, "\U0001f600" * 1024),
    ],
)
def test_the_reason_is_the_rest_of_the_line(line: str, reason: str) -> None:
    assert command(f"{line}\nmore talk").reason == reason


def test_a_reason_is_refused_when_too_long_never_cut() -> None:
    for name in (Name.APPROVE, Name.DENY, Name.HOLD):
        answer = read_command(f"/{name} {'x' * 1025}", Place.REVIEW)
        assert isinstance(answer, Misuse)
        assert (answer.kind, answer.length) == (MisuseKind.REASON_TOO_LONG, 1025)


@pytest.mark.parametrize("line", ["/deny", "/deny   ", "/deny\t"])
def test_denying_needs_a_reason(line: str) -> None:
    assert misuse(line) is MisuseKind.REASON_MISSING


@pytest.mark.parametrize(
    ("words", "targets", "reason"),
    [
        ("#12", Targets((12,)), ""),
        ("#12 #15 fine", Targets((12, 15)), "fine"),
        ("#12,#15, #16,  fine", Targets((12, 15, 16)), "fine"),
        ("#12 #12", Targets((12,)), ""),
        ("all", Targets(everything=True), ""),
        ("ALL fine", Targets(everything=True), "fine"),
        ("owner:Bob", Targets(owners=("bob",)), ""),
        ("owner:@Bob owner:eve x", Targets(owners=("bob", "eve")), "x"),
        ("owner:bob,eve", Targets(owners=("bob", "eve")), ""),
        ("Permission:Contents", Targets(permissions=(("contents", None),)), ""),
        ("permission:contents:write", Targets(permissions=(("contents", "write"),)), ""),
        (
            'permission:"pull requests":read ok',
            Targets(permissions=(("pull_requests", "read"),)),
            "ok",
        ),
        ("repository:Acme/Web", Targets(repositories=("acme/web",)), ""),
        (
            "all owner:bob repository:web",
            Targets(everything=True, owners=("bob",), repositories=("web",)),
            "",
        ),
        (
            "#12 see https://example.org/a:b 10:30 :+1:",
            Targets((12,)),
            "see https://example.org/a:b 10:30 :+1:",
        ),
    ],
)
def test_targets(words: str, targets: Targets, reason: str) -> None:
    answer = command(f"/approve {words}", Place.DIGEST)
    assert (answer.targets, answer.reason, answer.lifetime) == (targets, reason, None)
    assert targets.needs_preview is not bool(targets.numbers)


def test_time_comes_before_targets() -> None:
    answer = command("/approve for 3d #12 fine", Place.DIGEST)
    assert (answer.lifetime, answer.targets, answer.reason) == (
        timedelta(days=3),
        Targets((12,)),
        "fine",
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("/approve", MisuseKind.TARGETS_MISSING),
        ("/approve fine by me", MisuseKind.TARGETS_MISSING),
        ("/approve 12", MisuseKind.TARGETS_MISSING),
        ("/approve for 3d", MisuseKind.TARGETS_MISSING),
        ("/deny too much", MisuseKind.TARGETS_MISSING),
        ("/deny #12", MisuseKind.REASON_MISSING),
        ("/deny #12 \u3164", MisuseKind.REASON_MISSING),
        ("/deny all", MisuseKind.REASON_MISSING),
        ("/revoke", MisuseKind.TARGETS_MISSING),
        ("/hold", MisuseKind.TARGETS_MISSING),
        ("/approve #12 see #15", MisuseKind.LATE_TARGET),
        ("/approve #12 (#15)", MisuseKind.LATE_TARGET),
        ("/approve all but owner:bob", MisuseKind.LATE_TARGET),
        ("/approve owner:bob repo:web", MisuseKind.LATE_TARGET),
        ("/approve #12x", MisuseKind.BAD_TARGET),
        ("/approve #12,15", MisuseKind.BAD_TARGET),
        ("/approve #1\u200b2", MisuseKind.BAD_TARGET),
        ("/approve #\u0661", MisuseKind.BAD_TARGET),
        ("/approve #" + "9" * 5000, MisuseKind.BAD_TARGET),
        ("/approve owner:", MisuseKind.BAD_TARGET),
        ("/approve owner: bob", MisuseKind.BAD_TARGET),
        ("/approve owner:bob,,eve", MisuseKind.BAD_TARGET),
        ("/approve permission:contents:full", MisuseKind.BAD_TARGET),
        ("/approve permission:contents:", MisuseKind.BAD_TARGET),
        ("/approve permission::write", MisuseKind.BAD_TARGET),
        ("/approve owner:bob\u200b", MisuseKind.BAD_TARGET),
        ("/approve owner:b\u043eb", MisuseKind.BAD_TARGET),
        ('/approve owner:"owner:"', MisuseKind.BAD_TARGET),
        ("/approve repository:a/b/c", MisuseKind.BAD_TARGET),
        ("/approve #12 all", MisuseKind.MIXED_TARGETS),
        ("/approve all #12", MisuseKind.MIXED_TARGETS),
        ("/approve owner:bob #12", MisuseKind.MIXED_TARGETS),
        ("/hold all", MisuseKind.NUMBERS_ONLY),
        ("/unhold owner:bob", MisuseKind.NUMBERS_ONLY),
        ("/revoke all", MisuseKind.NUMBERS_ONLY),
        ("/confirm", MisuseKind.CODE_MISSING),
    ],
)
def test_what_a_digest_refuses(line: str, kind: MisuseKind) -> None:
    assert misuse(line, Place.DIGEST) is kind


def test_a_denial_may_speak_of_anything_behind_its_targets() -> None:
    answer = command("/deny #12 same as #15, see team:infra", Place.DIGEST)
    assert (answer.targets, answer.reason) == (Targets((12,)), "same as #15, see team:infra")


@pytest.mark.parametrize(
    "name", [name for name, entry in commands_in(Place.REVIEW).items() if entry.takes_reason]
)
@pytest.mark.parametrize("word", ["#12", "#12,#13", "owner:bob", "Repository:web"])
def test_a_review_issue_takes_no_targets(name: Name, word: str) -> None:
    assert misuse(f"/{name} {word} fine") is MisuseKind.TARGETS_ON_REVIEW


@pytest.mark.parametrize("place", Place)
def test_a_code_is_one_word_in_any_case(place: Place) -> None:
    for line in ("/confirm a1b2 thanks", "/CONFIRM A1B2", "/confirm `a1b2`"):
        assert command(line, place).code == "a1b2"


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("name", [Name.STATUS, Name.HELP, Name.EXPLAIN])
def test_questions_need_nothing(name: Name, place: Place) -> None:
    answer = command(f"/{name}", place)
    assert (answer.reason, answer.targets, answer.lifetime, answer.code) == ("", None, None, None)


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("name", Name)
def test_the_examples_of_the_table_are_commands(name: Name, place: Place) -> None:
    """Where a command does not exist it is refused."""
    forms = TABLE[name].forms
    if place in forms:
        assert command(forms[place].example, place).name is name
        return
    answer = read_command(next(iter(forms.values())).example, place)
    assert isinstance(answer, Misuse)
    assert (answer.kind, answer.command) == (MisuseKind.NOT_HERE, name)


def test_the_examples_of_a_digest_name_no_issue_that_can_be() -> None:
    for entry in commands_in(Place.DIGEST).values():
        answer = command(entry.forms[Place.DIGEST].example, Place.DIGEST)
        if answer.targets is not None:
            assert min([*answer.targets.numbers, *answer.targets.tokens]) > 900_000
