"""Hidden marks: their exact form, and that none can be taken for another."""

from datetime import date

from bot.domain.token_request import State
from bot.replies import markers


def test_issues_are_marked_as_the_interface_says() -> None:
    assert markers.request_marker(70001, 700123) == "<!-- token-request 70001/700123 -->"
    assert (
        markers.digest_marker(70001, date(2026, 11, 2)) == "<!-- token-digest 70001/2026-11-02 -->"
    )


def test_all_marks_differ_and_none_begins_another() -> None:
    marks = [
        markers.request_marker(1, 2),
        markers.request_marker(1, 22),
        markers.digest_marker(1, date(2026, 11, 2)),
        markers.reply_marker(1),
        markers.reply_marker(12),
        markers.reopened_marker(1, 2),
        markers.moved_marker(1, 2),
        *(markers.decision_marker(1, 2, state) for state in State),
    ]
    for one in marks:
        assert [other for other in marks if other.startswith(one)] == [one]


def test_ours() -> None:
    assert markers.is_ours(markers.request_marker(1, 2) + "\ntext")
    assert markers.is_ours(markers.digest_marker(1, date(2026, 11, 2)))
    assert not markers.is_ours("text " + markers.request_marker(1, 2))
    assert not markers.is_ours(markers.reply_marker(1))
