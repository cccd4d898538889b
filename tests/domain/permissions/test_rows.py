"""The permission table."""

import pytest

from bot.domain.permissions import (
    Change,
    Danger,
    extends_access,
    highest_permission,
    permission_rows,
)
from tests.domain.making import make_token_request


def rows(
    granted: dict[str, dict[str, str]] | None = None, **changes: object
) -> list[tuple[str, ...]]:
    request = make_token_request(**changes)
    return [
        (row.name, row.before, row.change.value, row.result)
        for row in permission_rows(request, granted)
    ]


RESULT = {
    "repository": {"contents": "write", "metadata": "read", "issues": "write"},
    "organization": {"members": "read"},
}


def test_as_the_webhook_tells() -> None:
    told = rows(
        result=RESULT,
        added={"repository": {"issues": "write"}},
        upgraded={"repository": {"contents": "write"}},
    )
    assert told == [
        ("contents", "read", "upgraded", "write"),
        ("issues", "", "added", "write"),
        ("members", "read", "unchanged", "read"),
        ("metadata", "read", "unchanged", "read"),
    ]


def test_derived_from_the_active_grant() -> None:
    grant = {"repository": {"contents": "read", "metadata": "read"}, "organization": {}}
    assert rows(grant, result=RESULT, added=None, upgraded=None) == [
        ("contents", "read", "upgraded", "write"),
        ("issues", "", "added", "write"),
        ("members", "", "added", "read"),
        ("metadata", "read", "unchanged", "read"),
    ]


def test_without_a_grant_everything_is_added() -> None:
    derived = rows(result=RESULT, added=None, upgraded=None)
    assert {change for _, _, change, _ in derived} == {"added"}
    assert len(derived) == 4


def test_a_grant_with_more_than_asked_is_no_upgrade() -> None:
    grant = {"repository": {"contents": "admin"}}
    request = make_token_request(result={"repository": {"contents": "read"}}, added=None)
    assert [row.change for row in permission_rows(request, grant)] == [Change.LOWERED]


def test_one_name_in_two_groups_is_two_rows_each_with_its_own_result() -> None:
    """GitHub's groups have names in common; the result is what GitHub says it is."""
    asked = make_token_request(
        result={"organization": {"secrets": "read"}, "repository": {"secrets": "write"}},
        added={"organization": {"secrets": "read"}},
        upgraded={"repository": {"secrets": "write"}},
    )
    found = [
        (row.group, row.name, row.before, row.change.value, row.result)
        for row in permission_rows(asked)
    ]
    assert found == [
        ("repository", "secrets", "read", "upgraded", "write"),
        ("organization", "secrets", "", "added", "read"),
    ]


def test_the_column_result_is_what_github_calls_the_result() -> None:
    told = rows(
        result={"repository": {"contents": "write"}}, added={"repository": {"contents": "read"}}
    )
    assert told == [("contents", "", "added", "write")]


def test_a_permission_that_only_the_change_names_is_still_shown() -> None:
    told = rows(result={}, added={"repository": {"contents": "read"}})
    assert told == [("contents", "", "added", "read")]


def test_an_organizations_permission_has_its_own_meaning_under_a_name_of_a_repositorys() -> None:
    asked = make_token_request(result={"organization": {"administration": "write"}}, added=None)
    [row] = permission_rows(asked)
    assert row.danger is Danger.CRITICAL
    of_repository = make_token_request(result={"repository": {"secrets": "write"}}, added=None)
    [row] = permission_rows(of_repository)
    assert row.danger is Danger.HIGH


@pytest.mark.parametrize(
    ("changes", "granted", "expected"),
    [
        ({"added": RESULT, "upgraded": {}, "result": RESULT}, None, False),
        ({"added": None, "upgraded": None}, None, False),
        ({"added": None, "upgraded": None}, {}, True),
        ({"added": None, "upgraded": None}, {"repository": {"contents": "read"}}, True),
        ({"added": {}, "upgraded": {"repository": {"contents": "write"}}}, None, True),
        ({"added": {}, "upgraded": {}, "result": RESULT}, None, True),
        ({"added": {"repository": {"issues": "write"}}, "result": RESULT}, None, True),
        ({"added": {}, "upgraded": {}, "result": {}}, None, False),
    ],
)
def test_whether_a_token_that_has_access_asks_for_more(
    changes: dict[str, object], granted: dict[str, dict[str, str]] | None, expected: bool
) -> None:
    assert extends_access(make_token_request(**changes), granted) is expected


def test_dangers_compare_and_have_their_words() -> None:
    assert [one.word for one in sorted(Danger)] == ["low", "medium", "high", "critical"]


def test_an_unknown_permission_is_named_and_warned_of() -> None:
    request = make_token_request(
        result={"other": {"quantum": "read"}}, added={"other": {"quantum": "read"}}
    )
    [row] = permission_rows(request)
    assert (row.name, row.known, row.danger) == ("quantum", False, Danger.HIGH)


def test_highest_permission() -> None:
    assert highest_permission(make_token_request(result=RESULT)) == ("contents", "write")
    assert highest_permission(make_token_request(result={"repository": {}})) is None
