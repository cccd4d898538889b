"""The catalogue: complete, each sentence with what it rests on, and plain."""

import json
import re
from pathlib import Path

import pytest

from bot.domain.permissions import CATALOGUE, COMBINATIONS, PERMISSION_NAMES, Danger, find
from bot.domain.permissions.catalogue import UNKNOWN

SHARED = Path(__file__).resolve().parents[3] / "../shared/github/permissions"
DATA = SHARED / "fine-grained-pat-permissions.json"
GROUPS = {"repository", "organization"}

LISTED = [(one, level) for one in CATALOGUE for level in one.levels]


def test_each_permission_of_an_organizations_token_is_there_once() -> None:
    assert len(CATALOGUE) == 68
    assert len({(one.group, one.name, one.title) for one in CATALOGUE}) == 68
    assert len(PERMISSION_NAMES) == 66  # of two GitHub does not tell the name
    assert {one.group for one in CATALOGUE} == GROUPS


@pytest.mark.skipif(not DATA.exists(), reason="GitHub's table is not at hand")
def test_the_catalogue_is_complete_and_rests_on_operations_that_the_level_opens() -> None:
    theirs = {}
    for one in json.loads(DATA.read_text())["permissions"]:
        if one["scope"] in GROUPS:
            levels = {*(one["levels_in_form"] or ()), *one["levels_with_endpoints"]}
            theirs[one["scope"], one["key"] or "", one["title"]] = (levels, one["endpoints"])
    assert {(one.group, one.name, one.title) for one in CATALOGUE} == theirs.keys()
    for one in CATALOGUE:
        levels, operations = theirs[one.group, one.name, one.title]
        assert one.levels.keys() == levels, one.name
        for level, power in one.levels.items():
            opened = {f"{o['verb']} {o['path']}" for o in operations if o["access"] == level}
            named = {source for source in power.rests_on if not source.startswith("https:")}
            assert named <= opened, (one.name, level)
            assert named or not opened, (one.name, level)


@pytest.mark.parametrize(("one", "level"), LISTED, ids=lambda one: getattr(one, "title", one))
def test_sentences_are_short_plain_and_rest_on_something(one: object, level: str) -> None:
    power = one.levels[level]  # type: ignore[attr-defined] # parametrized
    _assert_plain(power.sentence)
    assert power.rests_on
    assert all(re.match(r"(GET|POST|PUT|PATCH|DELETE) /|https://docs", s) for s in power.rests_on)


def _assert_plain(sentence: str) -> None:
    assert 0 < len(sentence) <= 125
    assert not set("@#`*|<>[]\n\t") & set(sentence)
    assert sentence[0].islower()
    assert sentence[-1].isalpha()


@pytest.mark.parametrize(
    ("name", "level", "has", "has_not"),
    [
        ("pull_requests", "write", "not merge them", ""),
        ("contents", "write", "merge pull requests", ""),
        ("environments", "write", "secrets and variables", "approve"),
        ("members", "write", "hand out organization roles", ""),
        ("organization_custom_org_roles", "write", "change what", "hand out"),
        ("administration", "write", "deploy keys and runners", ""),
        ("workflows", "write", "only together with contents: write", ""),
        ("actions", "read", "logs and download the artifacts", ""),
        ("secret_scanning_alerts", "read", "leaked into the code, in clear", ""),
        ("secrets", "write", "not read them", ""),
    ],
)
def test_sentences_that_were_wrong_once(name: str, level: str, has: str, has_not: str) -> None:
    known = find(name)
    assert known
    assert has in known.levels[level].sentence
    assert not has_not or has_not not in known.levels[level].sentence


LEVELS = {
    "critical": "administration:write organization_administration:write members:write"
    " organization_secrets:write organization_self_hosted_runners:write"
    " organization_custom_org_roles:write",
    "high": "contents:write workflows:write actions:write secrets:write environments:write"
    " repository_hooks:write organization_hooks:write deployments:write statuses:write"
    " agent_secrets:write agent_variables:write organization_agent_secrets:write"
    " organization_copilot_agent_settings:write secret_scanning_alerts:read actions_variables:write"
    " organization_custom_properties:admin",
    "medium": "issues:write pull_requests:write discussions:write pages:write"
    " team_discussions:write organization_projects:write organization_projects:admin"
    " actions:read contents:read members:read organization_hooks:read"
    " organization_self_hosted_runners:read codespaces:write",
    "low": "metadata:read issues:read statuses:read secrets:read administration:read",
}


@pytest.mark.parametrize(("word", "listed"), LEVELS.items())
def test_levels_of_danger(word: str, listed: str) -> None:
    for name, _, level in (one.partition(":") for one in listed.split()):
        known = find(name)
        assert known
        assert known.levels[level].danger is Danger.of(word), (name, level)


def test_what_no_line_names_is_high_to_write_and_low_to_read() -> None:
    named = {one.partition(":")[0] for listed in LEVELS.values() for one in listed.split()}
    for one, level in LISTED:
        if one.name not in named and one.name != "organization_administration":
            assert one.levels[level].danger is (Danger.LOW if level == "read" else Danger.HIGH)


@pytest.mark.parametrize(
    ("name", "level", "danger", "sentence"),
    [
        ("contents", "admin", Danger.HIGH, "push commits"),
        ("issues", "own", Danger.HIGH, "open, edit"),
        ("metadata", "write", Danger.HIGH, UNKNOWN.sentence),
        ("metadata", "own", Danger.HIGH, UNKNOWN.sentence),
        ("codespaces_secrets", "read", Danger.LOW, UNKNOWN.sentence),
        ("members", "own", Danger.CRITICAL, "add people"),
    ],
)
def test_levels_that_are_not_listed(name: str, level: str, danger: Danger, sentence: str) -> None:
    known = find(name)
    assert known
    power = known.power(level)
    assert power.danger is danger
    assert power.sentence.startswith(sentence)


def test_githubs_group_tells_two_permissions_of_one_name_apart() -> None:
    found = [find("secrets", group) for group in ("repository", "organization")]
    assert [one and one.name for one in found] == ["secrets", "organization_secrets"]
    assert find("quantum") is None
    assert find("") is None


def test_sources_are_pages_of_githubs_documentation() -> None:
    sources = {one.name: one.source for one in CATALOGUE}
    assert sources["contents"].endswith("-access-tokens#repository-permissions-for-contents")
    assert sources["issue_types"].endswith("#organization-permissions-for-issue-types")
    assert sources["discussions"].endswith("managing-your-personal-access-tokens")


def test_all_combinations_are_there_and_plain() -> None:
    assert [one.number for one in COMBINATIONS] == list(range(1, 23))
    known = {f"{one.name}" for one in CATALOGUE} | {"any"}
    for one in COMBINATIONS:
        _assert_plain(one.sentence)
        assert {name for some in one.needs for name, _ in some} <= known, one.number
        assert one.rests_on


@pytest.mark.skipif(not SHARED.exists(), reason="GitHub's table is not at hand")
def test_combinations_name_operations_of_their_permissions() -> None:
    opened: dict[str, set[str]] = {}
    for one in json.loads(DATA.read_text())["permissions"]:
        if one["scope"] in GROUPS:
            operations = {f"{o['verb']} {o['path']}" for o in one["endpoints"]}
            opened.setdefault(one["key"] or "", set()).update(operations)
    for row in COMBINATIONS[:-1]:
        names = {name for some in row.needs for name, _ in some}
        assert set(row.rests_on) <= set().union(*(opened[name] for name in names)), row.number
    rows = re.findall(r"^\| (\d+) \|", (SHARED / "combinations.md").read_text(), re.M)
    assert [int(row) for row in rows] == [one.number for one in COMBINATIONS]
