"""The decision card: a tired owner sees at once what a token could do at worst."""

from datetime import timedelta

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.card_facts import CardFacts, EarlierRequest, OfferMade
from bot.domain.record import RequestRecord
from bot.domain.token_request import Grant, State
from bot.replies.decision_card import LINES
from bot.replies.review_issue import body
from tests.domain.making import ALICE, NOW, make_row
from tests.replies.harmless import assert_harmless

ORGANIZATION = ("organization_", "members")
ALL = {"selection": "all", "repositories": (), "repository_count": None}
NONE = {"selection": "none", "repositories": (), "repository_count": None}
MONTH = NOW + timedelta(days=30)


def permissions(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, _, level in (one.partition(":") for one in text.split()):
        group = "organization" if name.startswith(ORGANIZATION) else "repository"
        found.setdefault(group, {})[name] = level
    return found


def asked(text: str, **changes: object) -> RequestRecord:
    """A new token for a month, for one private repository, nothing else known of its owner."""
    result = permissions(text)
    private = (Repository(1, "acme/api", private=True),)
    usual = {"expires_at": MONTH, "repositories": private, "repository_count": 1}
    usual |= {"card": CardFacts(()), "created_at": NOW, "added": result, "upgraded": {}}
    return make_row(12, result=result, **{**usual, **changes})


def repositories(*names: str) -> dict[str, object]:
    """A name with `!` is public."""
    return {
        "repositories": tuple(
            Repository(n, f"acme/{name.strip('!')}", private="!" not in name)
            for n, name in enumerate(names)
        ),
        "repository_count": len(names),
    }


def grant(text: str, **changes: object) -> Grant:
    usual = {"selection": "subset", "granted_at": NOW, "expires_at": MONTH}
    return Grant(7, 7, ALICE, permissions(text), **{**usual, **changes})  # type: ignore[arg-type] # as the case says


def others(*grants: Grant) -> dict[str, object]:
    return {"card": CardFacts(grants)}


def shown(row: RequestRecord, **more: object) -> list[str]:
    text = body(row, "acme", NOW, **more)  # type: ignore[arg-type] # as the case says
    assert_harmless(text, frozenset({6, 7, 9}))
    return text.split("\n")


CASES: list[tuple[RequestRecord, str]] = [
    (
        asked("contents:read metadata:read", **repositories("site!")),
        "**Low danger**: In `acme/site`, for 30 days, the holder could read the code, which "
        "everybody can read anyhow.",
    ),
    (
        asked("contents:read metadata:read"),
        "**Medium danger**: In `acme/api`, for 30 days, the holder could read all code and its "
        "whole history.",
    ),
    (
        asked("contents:write workflows:write", **repositories("api", "site!")),
        "**Critical danger**: In `acme/api` and `acme/site`, for 30 days, the holder could push a "
        "workflow that prints the secrets of the repository and the organization.",
    ),
    (
        asked("issues:write", expires_at=None, **ALL),
        "**High danger**: In all repositories, also future ones, for ever, the holder could open, "
        "edit, close and lock issues, comment and change labels.",
    ),
    (
        asked("members:write", **NONE),
        "**Critical danger**: In the whole organization, for 30 days, the holder could add people "
        "to the organization, make them owners and hand out its roles.",
    ),
    (
        asked("contents:read", **NONE),
        "**Medium danger**: With no repository chosen, for 30 days, the holder could read all code "
        "and its whole history.",
    ),
    (
        asked("quantum:read", **NONE),
        "**High danger**: In the whole organization, for 30 days, the holder could use `quantum`, "
        "which I do not know.",
    ),
    (
        asked("issues:read", **repositories("a", "b", "c")),
        "**Low danger**: In 3 repositories, for 30 days, the holder could read the issues.",
    ),
    (
        asked("quantum:read"),
        "**High danger**: In `acme/api`, for 30 days, the holder could use `quantum`, which I do "
        "not know.",
    ),
    (
        asked(""),
        "**Low danger**: The token asks for no permission, so the holder could do nothing new.",
    ),
    (
        asked("workflows:write", **others(grant("contents:write"))),
        "**Critical danger**: Together with [alice-dev](https://github.com/alice-dev)’s other "
        "tokens here, in `acme/api`, for 30 days, the holder could push a workflow that prints the "
        "secrets of the repository and the organization. This token alone has high danger.",
    ),
    (
        asked("issues:read", **others(grant("organization_administration:write"))),
        "**Critical danger**: [alice-dev](https://github.com/alice-dev)’s other tokens here could "
        "already take over the organization: change its policies, rulesets and security settings, "
        "even delete it. This token alone has low danger.",
    ),
    (
        asked("issues:read", **others(grant("issues:read", selection="all", expires_at=None))),
        "**High danger**: [alice-dev](https://github.com/alice-dev)’s other tokens here are more "
        "dangerous. This token alone has low danger.",
    ),
]


@pytest.mark.parametrize(("row", "line"), CASES)
def test_the_verdict_is_the_first_line_behind_the_marker(row: RequestRecord, line: str) -> None:
    lines = shown(row)
    assert lines[0] == "<!-- token-request 70001/700012 -->"
    assert lines[1] == line


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (asked("issues:write"), "- The repository is private."),
        (asked("issues:write", **repositories("a", "b")), "- Both repositories are private."),
        (asked("issues:write", **repositories("a", "b!")), "- 1 of the 2 repositories is private."),
        (asked("issues:write", expires_at=None), "- ⚠️ It **never expires**."),
        (
            asked("issues:read", expires_at=None),
            "- ⚠️ It **never expires**. Without that the danger would be lower.",
        ),
        (
            asked("issues:read", **ALL),
            "- ⚠️ It reaches **all repositories**, future and private ones too. Without that the "
            "danger would be lower.",
        ),
        (
            asked("contents:write", added={}, upgraded=permissions("contents:write")),
            "- New for this token: `contents: write`.",
        ),
        (
            asked("quantum:read"),
            "- ⚠️ `quantum`: This version does not know this permission. Look it up before you "
            "approve.",
        ),
        (
            asked("members:write", **NONE),
            "- **Today:** `members: write` needs an owner, or a role that owners gave. It does "
            "little now, and it counts once the requester becomes an owner.",
        ),
        (asked("issues:read"), "- **Other active tokens here:** none"),
        (asked("issues:read"), "- **Earlier requests:** none that I know of"),
        (asked("issues:read", last_used_at=NOW), "last used 2026-11-22"),
        (asked("issues:read"), "; not used yet"),
        (
            asked("issues:read", card=CardFacts(None)),
            "- **Other active tokens here:** GitHub did not tell; see [GitHub’s list]"
            "(https://github.com/organizations/acme/settings/personal-access-tokens)",
        ),
        (
            asked("workflows:write", **others(grant("contents:write"))),
            "This token alone: high danger; with them: **critical**",
        ),
        (asked("issues:read", card=CardFacts((), NOW)), "(known since 2026-11-22)"),
    ],
)
def test_what_stands_behind_it(row: RequestRecord, words: str) -> None:
    assert words in "\n".join(shown(row))


def test_an_owner_can_use_all_of_it_today() -> None:
    row = asked("members:write", requester_role="owner", **NONE)
    assert "**Today:**" not in "\n".join(shown(row))


def test_each_reason_has_its_permissions_and_a_source() -> None:
    page = "rest/authentication/permissions-required-for-fine-grained-personal-access-tokens"
    [line] = [one for one in shown(asked("actions:read")) if one.startswith("- Read the logs")]
    assert (
        f"(`actions`, [source](https://docs.github.com/en/{page}#repository-permissions-for-actions))"
        in line
    )


MANY = (
    "contents:write actions:write administration:write secrets:write issues:write pages:write"
    " pull_requests:write environments:write repository_hooks:write metadata:read quantum:write"
)


@pytest.mark.parametrize("reach", [{}, {"expires_at": None}, {"expires_at": None, **ALL}])
def test_six_lines_are_in_plain_sight_and_the_others_folded(reach: dict[str, object]) -> None:
    lines = shown(asked(MANY, **reach))
    fold = lines.index("<details>")
    in_sight = [one for one in lines[2:fold] if one]
    assert len(in_sight) == LINES
    folded = lines[fold : lines.index("</details>")]
    text = "\n".join([*in_sight, *folded])
    for words in ("deploy key", "branch protection", "`quantum`", "web address", "pull requests"):
        assert words in text
    assert reach == {} or "never expires" in "\n".join(in_sight)


def test_earlier_requests_with_their_outcomes() -> None:
    at = NOW - timedelta(days=9)
    earlier = (
        EarlierRequest("ci", State.APPROVED, at, "acme/token-requests", 7, at, "olga"),
        EarlierRequest("all", State.PENDING, at, "acme/token-requests", 9),
        EarlierRequest("@evil", State.DENIED, at, decided_at=at, by_rule=True),
    )
    text = "\n".join(shown(asked("issues:read", card=CardFacts((), None, earlier, 5))))
    issues = "https://github.com/acme/token-requests/issues"
    assert (
        f"- **Earlier requests:** [#7]({issues}/7) `ci` approved by [olga](https://github.com/olga)"
        f" on 2026-11-13; [#9]({issues}/9) `all` pending; `@evil` denied by a rule on 2026-11-13;"
        " and 2 before" in text
    )


def test_a_renewal_and_an_offer_are_told() -> None:
    at = NOW - timedelta(days=9)
    renews = EarlierRequest("ci", State.APPROVED, at, "acme/token-requests", 6, at, "olga")
    made = CardFacts(offered=OfferMade("olga", "acme/token-requests", 7), renews=renews)
    text = "\n".join(shown(asked("issues:read", card=made)))
    issues = "https://github.com/acme/token-requests/issues"
    assert (
        f"- **Renewal:** asks for no more than [#6]({issues}/6) `ci` approved by "
        "[olga](https://github.com/olga) on 2026-11-13" in text
    )
    link = f"[#7]({issues}/7)"
    assert f"- **Offered:** This is what [olga](https://github.com/olga) offered in {link}." in text


def test_an_issue_whose_facts_are_not_known_has_its_verdict_and_claims_nothing() -> None:
    text = "\n".join(shown(asked("contents:write", card=None)))
    assert "**High danger**" in text
    assert "Other active tokens" not in text
    assert "Earlier requests" not in text


def test_a_hostile_requester_is_no_markup_in_the_verdict() -> None:
    row = asked(
        "workflows:write", requester=Account(1, "@evil|`x`"), **others(grant("contents:write"))
    )
    assert "Together with" in shown(row)[1]
