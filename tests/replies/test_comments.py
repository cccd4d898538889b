"""Closing comments, answers, refusals: what they must say, and that foreign text stays inert."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from bot.domain.accounts import Account
from bot.domain.commands import (
    Command,
    Misuse,
    MisuseKind,
    Name,
    Place,
    Targets,
    commands_in,
    read_command,
)
from bot.domain.digest import Digest
from bot.domain.policy import Objection, Policy
from bot.domain.record import Decision, DigestRecord, HistoryEntry, IssueRef, RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.replies import ask_back, comments, refusals
from bot.replies.manual import commands_markdown
from tests.domain.making import ALICE, BOB, NOW, make_row
from tests.replies.harmless import assert_harmless, foreign

LINK = "[bob](https://github.com/bob)"


HERE = IssueRef(1, "acme-corp/x", 40)
SOON = NOW + timedelta(days=3)


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
        (
            decided(State.APPROVED, revoke_at=NOW + timedelta(days=99)),
            "until the token expires on 2027-02-17. If its owner gives it a later end, the access"
            " will be revoked on 2027-03-01 09:30 UTC. To revoke it sooner, comment",
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
        (decided(State.REVOKED, by=None, note=comments.REVOKED_ON_GITHUB), "by whom"),
        (decided(State.EXPIRED, by=None, note=comments.ENDED_ON_GITHUB), "time is over"),
        (decided(State.EXPIRED, by=None, note=comments.ENDED_ON_GITHUB), "**Expired** on 2026"),
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
    left_out = Skipped(held=[make_row(14)], own=[make_row(15)])
    text = comments.preview(command, [make_row(12), make_row(13)], left_out, "a1b2c3d4", NOW)
    assert "would **approve** 2 requests, with a time limit of 3 days:" in text
    assert "Reason: `fine`" in text
    for words in ("#12", "#13", "- #15: your own", "- #14: on hold", "`/confirm a1b2c3d4`"):
        assert words in text
    assert_harmless(text, frozenset({12, 13, 14, 15}))


def test_a_huge_preview_still_lists_every_request() -> None:
    command = Command(Name.DENY, "/deny all no", "no", targets=Targets(everything=True))
    rows = tuple(make_row(n) for n in range(10_000, 14_000))
    text = comments.preview(command, rows, Skipped(), "code", NOW)
    assert all(f"#{row.issue.number}" in text for row in rows if row.issue)
    assert len(text.encode()) < 65_000


def test_a_report_names_every_request() -> None:
    command = Command(Name.DENY, "/deny #8 no", "no", targets=Targets((8,)))
    others = Skipped(
        own=[make_row(21)],
        held=[make_row(22)],
        decided=[make_row(9, State.APPROVED, decision=Decision(State.APPROVED, NOW, by=BOB))],
        changed=[make_row(23)],
        gone=[make_row(24)],
        widening=[make_row(25)],
        left=[make_row(26)],
        stopped=[make_row(27)],
        undone=[make_row(28)],
        busy=[make_row(29)],
        critical=[make_row(30)],
    )
    text = comments.bulk_report(command, [decided(State.DENIED)], others)
    assert text.startswith("**Denied 1 request**.\n")
    assert text.endswith("\n\nReason: `no`")
    assert "- #8 [alice-dev](https://github.com/alice-dev): `deploy bot`: **denied**" in text
    assert "- #9: already approved by [bob]" in text
    assert all(f"- #{number}: " in text for number in range(21, 31))
    assert_harmless(text, frozenset({8, 9, *range(21, 31)}))
    rows = [decided(State.DENIED)] * 3000
    many = Skipped(decided=rows, own=rows, held=rows)
    assert len(comments.bulk_report(command, rows, many).encode()) < 65_000


@pytest.mark.parametrize("state", State)
def test_status_names_the_state_word(state: State) -> None:
    row = make_row(8, state, revoke_at=NOW, held_by=BOB)
    text = comments.status(row, [HistoryEntry(NOW, "held", "bob", "until Friday")])
    assert f"State: **{state.label}**" in text
    assert "09:30 UTC, [bob](https://github.com/bob) put it on hold: `until Friday`" in text
    assert_harmless(text)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (HistoryEntry(NOW, "approve commanded", "bob", "/approve"), f"{LINK} asked to approve:"),
        (HistoryEntry(NOW, "requested", "bob", ""), f"{LINK} asked for this token"),
        (HistoryEntry(NOW, "denied", "bob", "no"), f"{LINK} denied it: `no`"),
        (HistoryEntry(NOW, "approved", "GitHub", ""), "GitHub approved it"),
        (HistoryEntry(NOW, "expired", "GitHub", ""), "the token expired"),
        (HistoryEntry(NOW, "cancelled", "", ""), "cancelled"),
        (HistoryEntry(NOW, "not known yet", "bob", ""), f"not known yet by {LINK}"),
        (HistoryEntry(NOW, "not known yet", "", ""), "not known yet"),
    ],
)
def test_the_history_is_told_in_sentences(entry: HistoryEntry, sentence: str) -> None:
    line = comments.status(make_row(), [entry]).splitlines()[-1]
    assert line.startswith(f"- 2026-11-22 09:30 UTC, {sentence}")


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
        (comments.held(make_row(8, State.HELD, held_by=BOB), "wait."), "\n\nReason: `wait.`"),
        (ask_back.widens_access(make_row()), "the older access included"),
        (
            ask_back.ask_back("a1b2", ask_back.never_expires(make_row(), known=True)),
            "`/confirm a1b2`",
        ),
        (ask_back.never_expires(make_row(), known=True), "together with its owner's other active"),
        (ask_back.never_expires(make_row(), known=False), "GitHub does not tell what else"),
        (ask_back.never_expires(make_row(), known=True), "the access would last **for ever**"),
        (ask_back.lasts_longer(make_row(), NOW, SOON), "**2026-11-22 09:30 UTC**"),
        (ask_back.lasts_longer(make_row(), NOW, SOON), "until **2026-11-25 09:30 UTC**"),
        (ask_back.lasts_longer(make_row(), NOW, None), "**without a time limit**"),
        (comments.restored(), "restored"),
        (comments.decision_stands(decided(State.APPROVED)), "approved by [bob]"),
        (comments.decision_stands(decided(State.APPROVED)), "`/revoke`"),
        (comments.decision_stands(decided(State.DENIED)), "I closed it again"),
        (comments.adopted(), "Comments from before do not count"),
        (comments.adopted(held=True), "the label `held`"),
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


def test_an_unknown_issue_links_the_one_that_its_request_has_now() -> None:
    text = refusals.unknown_issue("acme-corp", HERE)
    assert "Please use [acme-corp/x#40](https://github.com/acme-corp/x/issues/40)." in text


@pytest.mark.parametrize("place", Place)
def test_help_and_readme_have_the_whole_table(place: Place) -> None:
    for name, entry in commands_in(place).items():
        form, shown = entry.forms[place], next(iter(entry.forms.values()))
        row = f"| `{form.usage}` | `{form.example}` | {entry.meaning} | {entry.who} |"
        assert row in comments.help_text(place)
        assert f"| `{shown.example}` |" in commands_markdown()
        assert f"`{shown.usage}`" in commands_markdown()
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
        ("/approve for 400d", "from 1 hour to 366 days"),
        ("/approve fine\n3 days ago he asked", "`/approve -- reason`"),
        ("/deny", "`/deny` needs a reason, which GitHub sends to the requester"),
        ("/keep token:17 for 90d", "`/keep` needs a reason. Nothing was done"),
        ("/deny " + "x" * 1100, "1,100 characters"),
        ("> q\n/approve", "blank line"),
        ("/approve\n/deny no", "one command per comment"),
    ],
)
def test_misuses_name_the_way_out(text: str, words: str) -> None:
    place = Place.DIGEST if text.startswith("/keep") else Place.REVIEW
    wrong = read_command(text, place)
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
        (refusals.cannot_revoke(), "“Personal access tokens: Read and write”"),
        (refusals.cannot_revoke(), "chooses “Review request” and accepts"),
        (refusals.changed(), "up to date"),
        (refusals.edited_issue(), "I restored the issue"),
        (refusals.refused_before(), "new comment"),
        (refusals.comment_not_found(), "does not show me your comment"),
        (refusals.unknown_issue("acme-corp", None), "newest digest"),
        (refusals.misread_limit("for a fortnight", Place.REVIEW), "- `/approve for ever`: there"),
        (refusals.misread_limit("3d", Place.DIGEST), "- `/approve TARGET -- reason`"),
        (refusals.no_token_id(), "did not tell me the id"),
        (refusals.requester_left(make_row(), "acme-corp"), "is no longer a member"),
        (refusals.edited_comment(), "Please post a new comment."),
        (refusals.not_taken("no `way` @bob"), "still pending"),
        (refusals.public_repository(), "private"),
        (refusals.unknown_code(), "new code"),
        (refusals.not_your_code(), "yourself"),
        (refusals.old_code(), "24 hours"),
        (refusals.closed_digest(None), "closed"),
        (
            refusals.closed_digest(DigestRecord(1, date(2026, 11, 22), NOW, HERE)),
            "#40",
        ),
        (refusals.unknown_numbers((98, 99)), "`#98, #99`"),
        (refusals.nothing_selected(Skipped()), "nothing was done"),
        (refusals.nothing_selected(Skipped(own=[make_row(21)])), "#21: your own"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    assert words in text
    assert len(text) < 600
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
        comments.preview(command, [row], Skipped(decided=[row]), "code", NOW),
        comments.bulk_report(command, [row], Skipped(decided=[row])),
        comments.status(row, history),
        comments.status(replace(row, state=State.HELD), history),
        comments.explain(row, Policy()),
        comments.held(row, said),
        ask_back.ask_back("code", ask_back.widens_access(row)),
        ask_back.never_expires(row, known=True),
        ask_back.lasts_longer(row, NOW, SOON),
        comments.decision_stands(row),
        refusals.held(row),
        refusals.already_decided(row),
        refusals.not_taken(said),
        refusals.requester_left(row, login),
        refusals.unknown_issue(login, None),
        *(refusals.misread_limit(said, place) for place in Place),
        refusals.misuse(Misuse(MisuseKind.MISSPELT, Name.DENY, (said,), said)),
        refusals.misuse(Misuse(MisuseKind.TWO_COMMANDS, Name.DENY, (said, said))),
        refusals.objection(Objection.NOT_AN_OWNER, login),
    ]
    for text in texts:
        assert_harmless(text, frozenset({8}))
