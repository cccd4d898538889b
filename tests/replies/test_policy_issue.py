"""The policy issue's text: all that a file says stays inert, and the file is shown whole."""

import re
from bisect import bisect_left
from dataclasses import replace

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings

from bot.domain.policy.schema import PolicyFile
from bot.domain.policy_assessment import Assessment, load_version
from bot.domain.policy_version import (
    REMOVED,
    Adopter,
    NamedIds,
    PolicyInForce,
    PolicyVersion,
    Rejection,
    Ruling,
)
from bot.replies import policy_issue, policy_replies
from bot.replies.budget import BODY_LIMIT, size
from bot.replies.markers import marked_policy
from bot.replies.policy_issue import Standing, what_cannot_be_shown
from bot.replies.policy_words import rules_in_words
from tests.domain.making import ALICE, BOB, NOW, make_row
from tests.replies.harmless import assert_harmless, foreign

SHA = "8cbe128061f546d5b654198fa8c262adb2a86795"
RULES = """\
version: 1
mode: shadow
reviewers:
  security: {teams: [security], users: [bob]}
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again.
  - name: the rest
    when: {}
    unless: {danger: {at_most: low}}
    review: {by: [owners, security], approvals: 2, for: 90d}
  - name: readers
    when: {permissions: {only: ["*:read"]}, lifetime: {at_most: 30d}, danger: {at_most: medium}}
    approve: {for: 12h}
    mode: enforce
    until: 2027-01-31
  - name: writers
    when: {repositories: {selection: [subset, none]}}
    approve: {}
"""


def version(text: str = RULES, **changes: object) -> PolicyVersion:
    made = PolicyVersion(70001, 1, SHA, NOW, 81000, text=text, pushed_by=ALICE)
    return replace(made, **changes)  # type: ignore[arg-type]


def body(one: PolicyVersion, **changes: object) -> str:
    loaded = load_version(one)
    found = Assessment(loaded.document, loaded.problems)
    found = replace(found, **changes)  # type: ignore[arg-type]
    return policy_issue.body(one, found, [Standing(70001, "acme-corp", None, None, 1)])


def assert_harmless_body(text: str) -> None:
    """The file is in one code block, which is the last of the text."""
    before, _, file = text.partition("<details>\n<summary>The file</summary>")
    assert_harmless(before, frozenset({12}))
    if not file:
        return
    html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    assert html.count("<pre") == html.count("</pre>") == 1
    assert html.partition("</pre>")[2].strip() == "</details>"


def test_rules_are_told_in_words() -> None:
    text = body(version()).partition("### How to decide")[0]
    for name in ("no eternal tokens", "the rest", "readers", "writers"):
        assert len([one for one in text.splitlines() if f"`{name}`" in one]) == 1, text


def test_which_rules_are_asked_back_for() -> None:
    found = Assessment(load_version(version()).document)
    writers = ("danger: {at_most: medium}", "expires: true")
    assert found.dangerous_rules == {"writers": writers}
    eternal = RULES.replace("lifetime: {at_most: 30d}, ", "")
    found = Assessment(load_version(version(eternal)).document)
    assert found.dangerous_rules == {"readers": ("expires: true",), "writers": writers}


def test_it_says_what_follows_adoption() -> None:
    end = body(version(), would_approve=(make_row(12),)).partition("### How to decide")[2]
    assert (
        "`/adopt` of an owner puts it in force. I first ask for a `/confirm`, because it can "
        "approve high, critical or never-expiring access and it may approve requests that wait "
        "now. Requests that wait then, and are not on hold, are judged by it at once."
    ) in end
    tame = RULES.partition("  - name: writers")[0]
    assert "`/adopt` of an owner puts it in force. Requests that" in body(version(tame))


def changed(old: str, new: str) -> list[str]:
    """What the issue says of the difference when the second is pushed and the first in force."""
    before, after = (load_version(version(one)).document if one else None for one in (old, new))
    one = version(new or "", sha=SHA if new else REMOVED)
    standing = Standing(70001, "acme-corp", None, before, 1)
    text = policy_issue.body(one, Assessment(after), [standing])
    told = text.partition("### What changes against the policy in force\n\n")[2]
    return told.partition("\n\n")[0].split("\n")


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (RULES, RULES, ["- nothing"]),
        (RULES, RULES + "# a comment\n", ["- nothing"]),
        ("", RULES, ["- there was no policy"]),
        (RULES, "", ["- all rules are gone"]),
        (
            RULES,
            RULES.replace("mode: shadow", "mode: enforce"),
            [
                "- the mode is enforce, and was shadow",
            ],
        ),
        (
            RULES,
            RULES.replace("at_most: 30d", "at_most: 31d"),
            [
                "- the rule `readers` is another one",
            ],
        ),
        (
            RULES,
            RULES.replace("name: writers", "name: anybody"),
            [
                "- new rule `anybody`",
                "- the rule `writers` is gone",
            ],
        ),
        (RULES, RULES.replace("users: [bob]", "users: [eve]"), ["- the reviewers are others"]),
        (
            RULES,
            RULES + "grants: {revoke_when: [unused], after: 7d}\n",
            [
                "- which active tokens are revoked is another",
            ],
        ),
        (
            RULES,
            RULES + "examples: [{name: x, request: {permissions: {}}, outcome: approve}]\n",
            [
                "- only the order or the examples",
            ],
        ),
    ],
)
def test_what_changes_against_the_policy_in_force(old: str, new: str, lines: list[str]) -> None:
    assert changed(old, new) == lines


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a fence", "# ````\n" + RULES),
        ("the end of what is folded", "# </details> --> `` @bob #1\n" + RULES),
        ("a command", RULES + "\n/approve\n"),
        ("carriage returns", RULES.replace("\n", "\r\n")),
    ],
)
def test_the_file_is_shown_whole_in_a_code_block(name: str, text: str) -> None:
    shown = body(version(text))
    for line in text.splitlines():
        assert line in shown, name
    assert_harmless_body(shown)


def test_what_nobody_can_see_is_spelt_out() -> None:
    text = "# \u202eevil\u200b \x07\n" + RULES
    assert "# \\u{202e}evil\\u{200b} \\u{7}\n" in body(version(text))
    hidden = load_version(version("# " + "\u200b" * 600))
    assert hidden.document is None


def test_a_token_in_the_file_is_masked() -> None:
    assert "ghp_" not in body(version("# ghp_" + "a" * 36 + "\n" + RULES))


@pytest.mark.parametrize("filler", ["x", "`", "\u200b", "\u20ac", "\U000e0001"])
def test_the_largest_file_fits(filler: str) -> None:
    line = "# " + filler * 300 + "\n"
    many = (32 * 1024) // size(line)
    shown = body(version(line * many))
    assert size(shown) <= BODY_LIMIT
    assert marked_policy(shown) == (70001, SHA)


def test_a_line_of_nothing_but_fences_fits() -> None:
    shown = body(version("#" + "`" * (32 * 1024 - 1)))
    assert size(shown) <= BODY_LIMIT
    assert "… 1 more lines" in shown


LONG = f"  - {{name: '{'n' * 77}%03d', when: {{expires: never}}, review: {{approvals: 2}}}}\n"
LONGEST_GLOB = f"{'o' * 100}/{'n' * 100}"


@pytest.mark.parametrize("mode", ["enforce", "shadow"])
def test_what_can_be_adopted_is_shown_whole_whatever_else_there_is(mode: str) -> None:
    """The worst of all: as much as fits of file and rules, in a repository of 300 organizations."""

    def made(count: int) -> tuple[str, PolicyFile]:
        text = f"version: 1\nmode: {mode}\nrules:\n" + "".join(LONG % n for n in range(count))
        document = load_version(version(text)).document
        assert document is not None
        return text, document

    def is_too_long(count: int) -> bool:
        return bool(what_cannot_be_shown(*made(count)))

    count = bisect_left(range(150, 201), True, key=is_too_long) + 150 - 1
    assert count >= 150
    text, document = made(count)
    orgs = [Standing(n, f"organization-{n}", None, None, 1) for n in range(300)]
    ids = {
        n: NamedIds({f"user-{m}": m for m in range(99)}, {f"team-{m}": m for m in range(99)})
        for n in range(300)
    }
    found = Assessment(
        document,
        failed_examples=("an example that fails" * 9,) * 200,
        ids=ids,
        would_approve=tuple(make_row(n) for n in range(500)),
    )
    shown = policy_issue.body(version(text, stated_author="\U0001f600" * 300), found, orgs)
    assert size(shown) <= BODY_LIMIT + 100
    assert text in shown
    for word in rules_in_words(document):
        assert f"- {word}\n" in shown
    assert re.search("… [0-9]+ more lines\n\n### The rules in words", shown)
    assert re.search("… [0-9]+ more lines\n\n### How to decide", shown)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Please ask again.", "ghp_" + "a" * 36),
        ("Please ask again.", '"gh\\x70_' + "a" * 36 + '"'),
        ("[subset, none]", "[" + "all," * 199 + "all]" + "}, permissions: {any: [a]"),
    ],
    ids=["a token", "a token that only its words show", "more words than file"],
)
def test_what_cannot_be_shown_whole(old: str, new: str) -> None:
    text = RULES.replace(old, new)
    if "all," in text:
        first, _, last = text.rpartition("  - name: writers")
        text = first + "".join(f"  - name: writers {n}{last}" for n in range(20))
    document = load_version(version(text)).document
    assert document is not None
    assert what_cannot_be_shown(text, document) is not None


def test_the_longest_name_of_a_repository_is_shown_whole() -> None:
    text = RULES.replace("selection: [subset, none]", f"any: ['{LONGEST_GLOB}']")
    assert LONGEST_GLOB in body(version(text)).partition("### How to decide")[0]


def test_every_rule_of_the_largest_policy_fits_or_is_counted() -> None:
    rule = "  - {name: rule %d, when: {reason: missing}, deny: no}\n"
    text = "version: 1\nmode: enforce\nrules:\n" + "".join(rule % n for n in range(200))
    shown = body(version(text))
    assert "rule 199" in shown.partition("### How to decide")[0]
    assert size(shown) <= BODY_LIMIT


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(foreign, foreign)
def test_foreign_text_stays_inert(said: str, login: str) -> None:
    said = said.encode("utf-8", "replace").decode()  # as a file is read
    account = replace(ALICE, login=login)
    adopter = Adopter(account, NOW, 7, said, "")
    force = PolicyInForce(70001, SHA, said, (adopter,), NOW, NamedIds(), 70001, 1)
    standing = Standing(70001, login, force, None, 2)
    one = version(said, pushed_by=None, stated_author=said, ruled_by=account, reason=said)
    rejected = replace(one, rejections={70001: Rejection(account, 7, said)})
    found = Assessment(
        load_version(one).document,
        load_version(one).problems,
        (said,),
        {70001: NamedIds({login: 1}, {said: 2})},
        (make_row(12),),
    )
    texts = [
        policy_issue.title(one),
        *(policy_replies.ruling(replace(one, ruling=each), [standing]) for each in Ruling),
        *(policy_replies.ruling(replace(rejected, ruling=each), [standing] * 2) for each in Ruling),
        policy_replies.progress([adopter], 2, [adopter], org_login=login),
        policy_replies.elsewhere({login: Ruling.REJECTED}, [login]),
        policy_replies.not_an_owner([login, login]),
        policy_replies.other_ids(login, NamedIds(), NamedIds({login: 1})),
        policy_replies.status(rejected, [standing]),
        policy_replies.status(replace(one, adopters={70001: [adopter]}), [standing]),
        policy_replies.unsound(found),
        policy_replies.ask_back(found, "a1b2c3d4"),
    ]
    for text in texts:
        assert_harmless(text, frozenset({12}))
    assert_harmless_body(policy_issue.body(one, found, [standing, standing]))


def test_who_pushed_it() -> None:
    assert "Pushed by: [alice-dev](" in body(version(pushed_by=ALICE))
    assert "Pushed by: [bob](" in body(version(pushed_by=BOB))
