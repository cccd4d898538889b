"""How dangerous a request is: levels, sentences, and two tokens that add up."""

from datetime import timedelta

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.permissions import Assessment, Danger, danger
from bot.domain.token_request import Grant
from tests.domain.making import NOW, make_token_request

LOW, MEDIUM, HIGH, CRITICAL = Danger
PUBLIC = {"repositories": (Repository(1, "acme/site", private=False),), "repository_count": 1}
ORGANIZATION = {"members", "organization_secrets", "organization_self_hosted_runners"}


def permissions(text: str) -> dict[str, dict[str, str]]:
    """`contents:write issues:read`; the organization's by their names."""
    found: dict[str, dict[str, str]] = {}
    for name, _, level in (one.partition(":") for one in text.split()):
        group = (
            "organization"
            if name.startswith("organization_") or name == "members"
            else "repository"
        )
        found.setdefault(group, {})[name] = level
    return found


def asked(text: str, **changes: object) -> Assessment:
    others = changes.pop("others", ())
    return danger(make_token_request(result=permissions(text), **changes), others)  # type: ignore[arg-type] # as the case says


def grant(text: str, selection: str = "subset", *, forever: bool = False) -> Grant:
    expires = None if forever else NOW + timedelta(days=30)
    return Grant(5, 6, Account(1, "mia"), permissions(text), selection, NOW, expires)


ALL, EVER = {"selection": "all"}, {"expires_at": None}


@pytest.mark.parametrize(
    ("text", "changes", "level"),
    [
        ("", {}, LOW),
        ("metadata:read", {}, LOW),
        ("secrets:read", {}, LOW),
        ("metadata:read", ALL, MEDIUM),
        ("metadata:read", EVER, MEDIUM),
        ("metadata:read", ALL | EVER, HIGH),
        ("metadata:read", {"expires_at": NOW + timedelta(days=400)}, MEDIUM),
        ("metadata:read", {"expires_at": NOW + timedelta(days=363)}, LOW),
        ("issues:write", {}, MEDIUM),
        ("issues:write", ALL, MEDIUM),
        ("issues:write", EVER, MEDIUM),
        ("issues:write", ALL | EVER, HIGH),
        ("contents:read", {}, MEDIUM),
        ("contents:read", PUBLIC, LOW),
        ("contents:read", PUBLIC | {"repository_count": 2}, MEDIUM),
        (
            "contents:read",
            {"repositories": (Repository(1, "acme/x"),), "repository_count": 1},
            MEDIUM,
        ),
        ("contents:write", PUBLIC, HIGH),
        ("contents:write", ALL, HIGH),
        ("contents:write", EVER, HIGH),
        ("contents:write", ALL | EVER, CRITICAL),
        ("statuses:write", ALL | EVER, HIGH),
        ("secrets:write", ALL | EVER, CRITICAL),
        ("contents:write workflows:write", {}, CRITICAL),
        ("contents:read workflows:write", {}, HIGH),
        ("workflows:write", {}, HIGH),
        ("administration:write", {}, CRITICAL),
        ("administration:read", {}, LOW),
        ("organization_self_hosted_runners:write", {"selection": "none"}, CRITICAL),
        ("members:write", {}, CRITICAL),
        ("members:read", {}, MEDIUM),
        ("secret_scanning_alerts:read", {}, HIGH),
        ("secret_scanning_alerts:read", ALL, CRITICAL),
        ("secret_scanning_alerts:write", ALL, CRITICAL),
        ("actions:read", {}, MEDIUM),
        ("quantum:read", {}, HIGH),
        ("organization_new_thing:write", {}, HIGH),
        ("issues:own", {}, HIGH),
        ("organization_custom_properties:admin", {}, HIGH),
    ],
)
def test_levels(text: str, changes: dict[str, object], level: Danger) -> None:
    found = asked(text, **changes)
    assert (found.level, found.alone) == (level, level)


def test_githubs_other_group_is_high_at_least() -> None:
    assert danger(make_token_request(result={"other": {"issues": "read"}})).level is HIGH
    both = {"other": {"contents": "write"}, "repository": {"workflows": "write"}}
    assert danger(make_token_request(result=both)).level is CRITICAL


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("contents:write workflows:write", 1),
        ("contents:write", 2),
        ("administration:write", 3),
        ("administration:write contents:write", 4),
        ("administration:write", 5),
        ("organization_self_hosted_runners:write", 5),
        ("organization_secrets:write contents:write workflows:write", 6),
        ("secrets:write", 7),
        ("environments:write", 7),
        ("actions_variables:write contents:read", 8),
        ("actions_variables:write contents:write", 8),
        ("repository_hooks:write", 9),
        ("organization_hooks:write", 9),
        ("secret_scanning_alerts:read", 10),
        ("actions:read", 11),
        ("actions:write", 12),
        ("deployments:write actions:write", 13),
        ("pull_requests:write contents:write", 14),
        ("statuses:write contents:write", 15),
        ("members:read administration:write", 16),
        ("members:write", 17),
        ("organization_administration:write", 18),
        ("codespaces:write", 19),
        ("agent_secrets:write", 20),
        ("agent_variables:write", 20),
        ("organization_copilot_agent_settings:write", 20),
        ("organization_private_registries:write", 21),
    ],
)
def test_each_combination_is_found_whole_and_not_by_a_part(text: str, number: int) -> None:
    parts = text.split()
    assert number in {one.combination for one in asked(text).reasons}
    for part in parts:
        without = " ".join(one for one in parts if one != part)
        assert number not in {one.combination for one in asked(without).reasons}
        lower = text.replace(part, f"{part.partition(':')[0]}:")
        assert number not in {one.combination for one in asked(lower).reasons}


@pytest.mark.parametrize(("changes", "there"), [(ALL | EVER, True), (ALL, False), (EVER, False)])
def test_writing_everywhere_for_ever(changes: dict[str, object], there: bool) -> None:
    assert (22 in {one.combination for one in asked("issues:write", **changes).reasons}) is there
    assert 22 not in {one.combination for one in asked("issues:read", **changes).reasons}


@pytest.mark.parametrize(
    ("text", "changes", "words"),
    [
        ("contents:write workflows:write", {}, "push a workflow that prints the secrets"),
        ("contents:write", {}, "change scripts"),
        ("administration:write contents:write", {}, "take a repository over"),
        ("members:write contents:write workflows:write", {}, "add people to the organization"),
        ("issues:write actions:read", {}, "read the logs"),
        ("issues:write metadata:read", {}, "open, edit"),
        ("quantum:write metadata:read", {}, "does not know"),
        ("metadata:read", {}, "name, description"),
        ("issues:write", ALL | EVER, "open, edit"),
    ],
)
def test_the_worst_comes_first(text: str, changes: dict[str, object], words: str) -> None:
    worst = asked(text, **changes).worst
    assert worst
    assert words in worst.sentence


def test_without_permissions_there_is_no_reason() -> None:
    assert asked("").worst is None
    assert asked("").reasons == ()


def test_combinations_come_before_single_permissions_and_nothing_is_told_twice() -> None:
    found = asked("issues:write contents:write workflows:write metadata:read quantum:read").reasons
    assert [one.combination for one in found] == [1, 2, None, None]
    assert [one.names for one in found[2:]] == [("quantum",), ("issues",)]
    assert [one.known for one in found[2:]] == [False, True]


def test_two_tokens_add_up() -> None:
    found = asked("workflows:write", others=[grant("contents:write")])
    assert (found.level, found.alone) == (CRITICAL, HIGH)
    worst = found.worst
    assert worst
    assert (worst.combination, worst.takes_others, worst.others_alone) == (1, True, False)


def test_another_token_may_be_the_dangerous_one() -> None:
    for text in ("administration:write", "organization_custom_org_roles:write"):
        found = asked("issues:read", others=[grant(text)])
        assert (found.level, found.alone) == (CRITICAL, LOW)
        worst = found.worst
        assert worst
        assert (worst.takes_others, worst.others_alone) == (True, True)


def test_another_token_may_be_the_unbounded_one() -> None:
    found = asked("issues:read", others=[grant("issues:write", "all", forever=True)])
    assert (found.level, found.alone) == (HIGH, LOW)
    assert asked("metadata:read", others=[grant("metadata:read", "all")]).level is MEDIUM


def test_what_this_token_can_alone_is_told_as_such() -> None:
    found = asked("contents:write", others=[grant("contents:write metadata:read")])
    assert found.worst
    assert (found.worst.takes_others, found.level) == (False, HIGH)


@pytest.mark.parametrize(
    ("text", "of_organization"),
    [("members:write", True), ("contents:write", False), ("organization_hooks:write", True)],
)
def test_where_it_could_happen(text: str, of_organization: bool) -> None:
    worst = asked(text).worst
    assert worst
    assert worst.of_organization is of_organization
