"""Closing comments, answers, refusals: what they must say, and that foreign text stays inert."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from bot.domain.accounts import Account
from bot.domain.commands import (
    TABLE,
    Command,
    Misuse,
    MisuseKind,
    Name,
    Place,
    Selection,
    Targets,
    read_command,
)
from bot.domain.digest import Digest
from bot.domain.policy import Objection, Policy
from bot.domain.record import Decision, DigestRecord, HistoryEntry, IssueRef, RequestRecord
from bot.domain.token_request import State
from bot.replies import comments, refusals
from bot.replies.manual import commands_markdown
from tests.domain.making import ALICE, BOB, NOW, make_row
from tests.replies.harmless import assert_harmless, foreign

Rows = tuple[RequestRecord, ...]


@dataclass
class LeftOut:
    own: Rows = ()
    held: Rows = ()
    decided: Rows = ()
    changed: Rows = ()
    gone: Rows = ()
    widening: Rows = ()
    left: Rows = ()
    stopped: Rows = ()
    undone: Rows = ()
    busy: Rows = ()


def decided(outcome: State, **changes: object) -> RequestRecord:
    decision = Decision(outcome, NOW, by=BOB, reason="as agreed", comment_id=7)
    revoke_at = changes.pop("revoke_at", None)
    return make_row(8, outcome, decision=replace(decision, **changes), revoke_at=revoke_at)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            decided(State.APPROVED),
            "**Approved** by [bob](https://github.com/bob) on 2026-11-22 09:30 UTC.",
        ),
        (decided(State.APPROVED), "Reason: `as agreed`"),
        (decided(State.APPROVED, reason=""), "No reason given."),
        (decided(State.APPROVED), "until the token expires on 2027-02-17"),
        (
            decided(State.APPROVED, revoke_at=NOW + timedelta(days=3)),
            "will be revoked on 2026-11-25 09:30 UTC",
        ),
        (decided(State.APPROVED, note="This replaces the timer."), "This replaces the timer."),
        (decided(State.APPROVED, comment_id=None), "outside this issue"),
        (decided(State.APPROVED, by=Account(5, "app[bot]", "Bot")), "by `app[bot]` on"),
        (decided(State.DENIED), "**Denied** by [bob]"),
        (decided(State.DENIED), "GitHub tells the requester"),
        (decided(State.CANCELLED, by=ALICE), "**Cancelled** by the requester, [alice-dev]"),
        (decided(State.CANCELLED, by=None, note=comments.LOST), "nor by whom"),
        (decided(State.EXPIRED, by=None), "the token ended on 2027-02-17 before anybody decided"),
        (decided(State.REVOKED, by=None, note="the time is over"), "The time is over."),
        (decided(State.REVOKED), "no access to the organization any more"),
    ],
)
def test_closing(row: RequestRecord, words: str) -> None:
    text = comments.closing(row, NOW)
    assert words in text
    assert_harmless(text)


def test_a_grant_for_ever_is_called_so() -> None:
    row = replace(decided(State.APPROVED), request=make_row(expires_at=None).request)
    assert "**for ever**" in comments.closing(row, NOW)


@pytest.mark.parametrize("state", [state for state in State if not state.is_open])
def test_a_final_state_without_a_decision_can_still_be_told(state: State) -> None:
    assert state.value.capitalize() in comments.closing(make_row(8, state), NOW)


def test_a_preview_lists_all_and_offers_its_code() -> None:
    command = read_command("/approve for 3d owner:alice-dev fine", Place.DIGEST)
    assert isinstance(command, Command)
    selection = Selection((make_row(12), make_row(13)), (), (make_row(14),), (make_row(15),), ())
    text = comments.preview(command, selection, "a1b2c3d4", NOW)
    assert "would **approve** 2 requests for 3 days, reason `fine`" in text
    for words in ("#12", "#13", "- #15: your own", "- #14: on hold", "`/confirm a1b2c3d4`"):
        assert words in text
    assert_harmless(text, frozenset({12, 13, 14, 15}))


def test_a_huge_preview_still_lists_every_request() -> None:
    command = Command(Name.DENY, "/deny all no", "no", targets=Targets(everything=True))
    rows = tuple(make_row(n) for n in range(10_000, 14_000))
    text = comments.preview(command, Selection(rows), "code", NOW)
    assert all(f"#{row.issue.number}" in text for row in rows if row.issue)
    assert len(text.encode()) < 65_000


def test_a_report_names_every_request() -> None:
    command = Command(Name.DENY, "/deny #8 no", "no", targets=Targets((8,)))
    others = LeftOut(
        own=(make_row(21),),
        held=(make_row(22),),
        decided=(make_row(9, State.APPROVED, decision=Decision(State.APPROVED, NOW, by=BOB)),),
        changed=(make_row(23),),
        gone=(make_row(24),),
        widening=(make_row(25),),
        left=(make_row(26),),
    )
    text = comments.bulk_report(command, [decided(State.DENIED)], others)
    assert "**Denied 1 request**, reason `no`." in text
    assert "- #8 [alice-dev](https://github.com/alice-dev): `deploy bot`: **denied**" in text
    assert "- #9: already approved by [bob]" in text
    assert_harmless(text, frozenset({8, 9, 21, 22, 23, 24, 25, 26}))
    rows = [decided(State.DENIED)] * 3000
    many = LeftOut(decided=tuple(rows), own=tuple(rows), held=tuple(rows))
    assert len(comments.bulk_report(command, rows, many).encode()) < 65_000


@pytest.mark.parametrize("state", State)
def test_status_names_the_state_word(state: State) -> None:
    row = make_row(8, state, revoke_at=NOW, held_by=BOB)
    text = comments.status(row, [HistoryEntry(NOW, "held", "bob", "/hold for 2 days")])
    assert f"State: **{state.label}**" in text
    assert "- 2026-11-22 09:30 UTC, held by [bob](https://github.com/bob): `/hold for 2" in text
    assert_harmless(text)


def test_a_long_history_is_cut_at_its_beginning() -> None:
    history = [HistoryEntry(NOW, f"event {n}", "GitHub", "x" * 2000) for n in range(400)]
    text = comments.status(make_row(), history)
    assert "event 399 by GitHub" in text
    assert "… 350 earlier entries" in text
    assert len(text.encode()) < 65_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (comments.held(make_row(8, State.HELD, held_by=BOB), "wait"), "Reason: `wait`"),
        (comments.reopened(), "stays closed"),
        (comments.confirm_widening(make_row(), "a1b2"), "`/confirm a1b2`"),
        (comments.explain_policy(Policy()), "owners decide everything"),
        (comments.explain(decided(State.DENIED), Policy()), "denied by [bob]"),
        (comments.explain(make_row(), Policy()), "nobody has decided it yet"),
        (comments.explain(make_row(8, State.HELD, held_by=BOB), Policy()), "put it on hold"),
        (
            comments.digest_status(
                DigestRecord(1, date(2026, 11, 22), NOW),
                Digest(date(2026, 11, 22), (make_row(12),)),
                NOW,
            ),
            "State: **open**; 1 request waiting, 0 on hold.",
        ),
    ],
)
def test_answers(text: str, words: str) -> None:
    assert words in text
    assert_harmless(text, frozenset({12}))


def test_moved_links_the_new_issue() -> None:
    text = comments.moved(IssueRef(1, "acme-corp/new", 5))
    assert "[acme-corp/new#5](https://github.com/acme-corp/new/issues/5)" in text


@pytest.mark.parametrize("place", Place)
def test_help_and_readme_have_the_whole_table(place: Place) -> None:
    for name, entry in TABLE.items():
        form, shown = entry.forms[place], entry.forms[Place.REVIEW]
        row = f"| `{form.usage}` | `{form.example}` | {entry.meaning} | {entry.who} |"
        assert row in comments.help_text(place)
        assert f"| `{shown.usage}` | `{shown.example}` |" in commands_markdown()
        assert form.usage.startswith(f"/{name}")
    assert_harmless(comments.help_text(place))


@pytest.mark.parametrize("kind", MisuseKind)
@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("name", Name)
def test_every_misuse_has_an_answer(kind: MisuseKind, place: Place, name: Name) -> None:
    wrong = Misuse(kind, name, ("/x EVIL! @bob", "/y"), "`@bob` #1 EVIL!", 2000, place)
    text = refusals.misuse(wrong)
    assert "{" not in text
    assert 40 < len(text) < 500
    assert_harmless(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/aprove", "Did you mean `/approve`?"),
        ("/approve ok for 3 days", "`for 3 days` reads like a time limit"),
        ("/approve for 400d", "from `1h` to `366d`"),
        ("/approve fine\n3 days ago he asked", "`/approve -- asked 3 days ago`"),
        ("/deny", "`/deny` needs a reason"),
        ("/deny " + "x" * 1100, "1,100 characters"),
        ("> q\n/approve", "blank line"),
        ("/approve\n/deny no", "one command a comment"),
    ],
)
def test_misuses_name_the_way_out(text: str, words: str) -> None:
    wrong = read_command(text, Place.REVIEW)
    assert isinstance(wrong, Misuse)
    assert words in refusals.misuse(wrong)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *[(refusals.objection(why, "acme-corp"), "[acme-corp]") for why in Objection],
        (refusals.held(make_row(8, State.HELD, held_by=BOB)), "on hold by [bob]"),
        (refusals.already_decided(decided(State.APPROVED)), "already approved by [bob]"),
        (refusals.already_decided(decided(State.APPROVED)), "`/revoke`"),
        (refusals.already_decided(decided(State.DENIED)), "`/revoke`"),
        (refusals.already_decided(decided(State.EXPIRED, by=None)), "has expired"),
        (refusals.already_decided(decided(State.CANCELLED, by=ALICE)), "cancelled by [alice"),
        (refusals.not_approved(make_row()), "still pending"),
        (refusals.not_approved(decided(State.DENIED)), "denied by [bob]"),
        (refusals.cannot_revoke(), "`organization_personal_access_tokens: write`"),
        (refusals.changed(), "up to date"),
        (refusals.edited_comment(), "Please write it anew."),
        (refusals.not_taken("no `way` @bob"), "still pending"),
        (refusals.public_repository(), "private"),
        (refusals.unknown_code(), "new code"),
        (refusals.not_your_code(), "yourself"),
        (refusals.old_code(), "24 hours"),
        (refusals.closed_digest(None), "closed"),
        (
            refusals.closed_digest(
                DigestRecord(1, date(2026, 11, 22), NOW, IssueRef(1, "acme-corp/x", 40))
            ),
            "#40",
        ),
        (refusals.unknown_numbers((98, 99)), "`#98, #99`"),
        (refusals.nothing_selected(LeftOut()), "Nothing was done"),
        (refusals.nothing_selected(LeftOut(own=(make_row(21),))), "#21: your own"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    assert words in text
    assert len(text) < 400
    assert_harmless(text, frozenset({8, 12, 21, 40}))


@settings(max_examples=40, deadline=None)
@given(foreign, foreign, foreign)
def test_foreign_text_does_nothing(name: str, login: str, said: str) -> None:
    someone = Account(1, login)
    decision = Decision(State.DENIED, NOW, by=someone, reason=said, comment_id=7)
    row = make_row(
        8, State.DENIED, token_name=name, requester=someone, decision=decision, held_by=someone
    )
    command = Command(Name.DENY, said, said, targets=Targets((8,)))
    history = [HistoryEntry(NOW, "denied", login, said)]
    texts = [
        comments.closing(row, NOW),
        comments.preview(command, Selection((row,), decided=(row,)), "code", NOW),
        comments.bulk_report(command, [row], LeftOut(decided=(row,))),
        comments.status(row, history),
        comments.status(replace(row, state=State.HELD), history),
        comments.explain(row, Policy()),
        comments.held(row, said),
        comments.confirm_widening(row, "code"),
        refusals.held(row),
        refusals.already_decided(row),
        refusals.not_taken(said),
        refusals.misuse(Misuse(MisuseKind.MISSPELT, Name.DENY, (said,), said)),
        refusals.misuse(Misuse(MisuseKind.TWO_COMMANDS, Name.DENY, (said, said))),
        refusals.objection(Objection.NOT_AN_OWNER, login),
    ]
    for text in texts:
        assert_harmless(text, frozenset({8}))
