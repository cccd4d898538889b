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
        markers.waiting_marker(1),
        markers.reopened_marker(1, 2),
        markers.moved_marker(1, 2),
        *(markers.decision_marker(1, 2, state) for state in State),
    ]
    for one in marks:
        assert [other for other in marks if other.startswith(one)] == [one]


def test_a_mark_names_what_it_marks() -> None:
    on = date(2026, 11, 2)
    assert markers.marked_request(markers.request_marker(1, 2) + "\ntext") == (1, 2)
    assert markers.marked_digest(markers.digest_marker(1, on) + "\ntext") == (1, on)
    assert markers.marked_request(markers.digest_marker(1, on)) is None
    assert markers.marked_digest(markers.request_marker(1, 2)) is None
    assert markers.marked_request("text " + markers.request_marker(1, 2)) is None
    assert markers.marked_request(f"<!-- token-request 1/{'9' * 40} -->") is None
    assert markers.marked_digest("<!-- token-digest 1/2026-13-77 -->") is None
