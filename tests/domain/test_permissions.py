"""The permission table, the sentences and the danger."""

import json
from pathlib import Path

import pytest

from bot.domain.permission_catalogue import CATALOGUE, Danger
from bot.domain.permissions import (
    Change,
    danger,
    extends_access,
    highest_permission,
    permission_rows,
)
from tests.domain.making import make_token_request

OPENAPI = Path(__file__).resolve().parents[2] / "../shared/github/api.github.com.json"


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
    assert danger(asked) is Danger.CRITICAL


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
    assert row.meaning == CATALOGUE["organization_administration"].write


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
    assert row.meaning == "unknown to this version, judge with care"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"result": {"repository": {"metadata": "read"}}}, Danger.LOW),
        ({"result": {}}, Danger.LOW),
        ({"result": {"repository": {"secrets": "read"}}}, Danger.MEDIUM),
        ({"result": {"repository": {"issues": "write"}}}, Danger.MEDIUM),
        ({"result": {"repository": {"issues": "write"}}, "selection": "all"}, Danger.HIGH),
        ({"result": {"repository": {"metadata": "read"}}, "selection": "all"}, Danger.LOW),
        ({"result": {"repository": {"metadata": "read"}}, "expires_at": None}, Danger.MEDIUM),
        ({"result": {"repository": {"contents": "write"}}}, Danger.HIGH),
        ({"result": {"repository": {"contents": "write"}}, "expires_at": None}, Danger.CRITICAL),
        ({"result": {"organization": {"members": "write"}}}, Danger.CRITICAL),
        ({"result": {"organization": {"members": "write"}}, "expires_at": None}, Danger.CRITICAL),
        ({"result": {"organization": {"new_thing": "write"}}}, Danger.HIGH),
        ({"result": {"repository": {"metadata": "own"}}}, Danger.LOW),
        ({"result": {"organization": {"administration": "write"}}}, Danger.CRITICAL),
    ],
)
def test_danger(changes: dict[str, object], expected: Danger) -> None:
    assert danger(make_token_request(**changes)) is expected


def test_highest_permission() -> None:
    assert highest_permission(make_token_request(result=RESULT)) == ("contents", "write")
    assert highest_permission(make_token_request(result={"repository": {}})) is None


@pytest.mark.skipif(not OPENAPI.exists(), reason="GitHub's description is not at hand")
def test_the_catalogue_has_all_of_githubs_names_and_a_sentence_for_each_writing_one() -> None:
    schemas = json.loads(OPENAPI.read_text())["components"]["schemas"]
    for name, schema in schemas["app-permissions"]["properties"].items():
        writes = {"write", "admin"} & set(schema["enum"])
        assert name in CATALOGUE
        assert CATALOGUE[name].write or not writes or name == "metadata"


@pytest.mark.parametrize("name", CATALOGUE)
def test_sentences_are_short_and_plain(name: str) -> None:
    for sentence in (CATALOGUE[name].write, CATALOGUE[name].read):
        assert len(sentence) <= 100
        assert not set("@#`*|<>[]\n") & set(sentence)
