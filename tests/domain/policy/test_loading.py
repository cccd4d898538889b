"""Policy files with mistakes: each is named with its place; nothing makes the loader stumble."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.domain.policy.loading import LARGEST, Problem, load
from bot.domain.policy.schema import json_schema
from tests.domain.policy.files import EXAMPLE, read

ETERNAL = "when: {expires: never}"

MISTAKES = [
    ("mode: enforce", "mode: off", '3:1: mode: found "off"; expected enforce or shadow'),
    ("mode: enforce\n", "", "2:1: mode: found no such key; expected the key `mode`"),
    ("version: 1", "version: true", "2:1: version: found true; expected 1"),
    ("version: 1", "version: 2", "2:1: version: found 2; expected 1"),
    ("mode: enforce", "mode:", "3:1: mode: found nothing; expected a value, or the key left out"),
    ("mode: enforce", "mode: enforce\nmode: shadow", "4:1: mode: found a key that is there twice"),
    (ETERNAL, "when: {expires: 1}", "8:12: rules[0].when.expires: found 1; expected never or true"),
    (ETERNAL, "when: {renewal: 1}", "8:12: rules[0].when.renewal: found 1; expected true"),
    (ETERNAL, "when: {renewal: false}", "rules[0].when.renewal: found false; expected true"),
    (ETERNAL, "when: {renewal: yes}", 'rules[0].when.renewal: found "yes"; expected true'),
    (ETERNAL, "wen: {}", "7:5: rules[0].when: found no such key; expected the key `when`"),
    (ETERNAL, "wen: {}", "8:5: rules[0].wen: found an unknown key; expected one of: approve, deny"),
    (ETERNAL, "when: {permissions: {}}", "expected at least one of: any, all, only"),
    (ETERNAL, "when: {permissions: {any: []}}", "expected at least one entry"),
    (ETERNAL, "when: {permissions: {any: [a:b]}}", 'any[0]: found "a:b"; expected NAME'),
    (ETERNAL, "when: {repositories: {selection: some}}", "expected all, subset or none"),
    (ETERNAL, "when: {repositories: {at_most: true}}", "found true; expected a whole number"),
    (ETERNAL, "when: {repositories: {at_most: -1}}", "expected a number of at least 0"),
    (ETERNAL, "when: {repositories: {any: [a/b/c]}}", "expected a repository's name"),
    (ETERNAL, "when: {lifetime: {at_most: 30}}", "8:23: rules[0].when.lifetime.at_most: found 30"),
    (ETERNAL, "when: {lifetime: {at_most: 367d}}", "expected a number with h, d or w"),
    (ETERNAL, "when: {lifetime: {at_most: 030d}}", "expected a number with h, d or w"),
    (ETERNAL, "when: {reason: given}", 'found "given"; expected missing'),
    (ETERNAL, "when: {reason: {at_least: 0}}", "expected a number of at least 1"),
    (ETERNAL, "when: {danger: {at_least: huge}}", "expected low, medium, high or critical"),
    (ETERNAL, "when: {requester: {teams: [a/b]}}", "expected a team's slug"),
    (ETERNAL, "when: {organizations: ['-x']}", "expected a login of GitHub"),
    (ETERNAL, ETERNAL + "\n    unless:", "9:5: rules[0].unless: found nothing"),
    (ETERNAL, ETERNAL + "\n    until: 2027-02-30", "expected a day such as 2027-01-31"),
    (ETERNAL, ETERNAL + "\n    until: 20270101", "expected a day such as 2027-01-31"),
    (
        ETERNAL,
        ETERNAL + "\n    approve: {}",
        "7:5: rules[0]: found a mapping; expected exactly one",
    ),
    ("    approve: {}\n", "", "rules[3]: found a mapping; expected exactly one of: deny, review"),
    ("by: [owners]", "by: [nobody]", 'review.by[0]: found "nobody"; expected one of: owners, sec'),
    ("approvals: 2", "approvals: 6", "review.approvals: found 6; expected a number of at most 5"),
    ("approvals: 2", "approvals: 2.0", "review.approvals: found 2.0; expected a whole number"),
    ("security: {", "owners: {", '5:3: reviewers.owners: found "owners"; expected another name'),
    ("name: dangerous permissions", "name: no eternal tokens", '10:5: rules[1].name: found "no'),
    ("name: dangerous permissions", "name: 12", "rules[1].name: found 12; expected a text"),
    ("name: dangerous permissions", 'name: "a\\u202eb"', "expected a text of one line"),
    (
        "rule: no eternal tokens",
        "rule: other",
        'examples[0].rule: found "other"; expected the name',
    ),
    ("contents: write}", "contents: all}", 'request.permissions.contents: found "all"; expected'),
    ("repositories: all,", "repositories: some,", 'found "some"; expected all or none'),
    (
        "expires: never}\n    out",
        "expires: 3}\n    out",
        "request.expires: found 3; expected a number",
    ),
    ("[security]", "&a [security]", "5:21: reviewers.security.teams: found an anchor (&)"),
    ("[security]", "*a", "5:21: reviewers.security.teams: found an alias (*)"),
    ("[security]", "!!python/object:os.system x", "found a tag (!); expected a value without"),
    ("version: 1", "<<: {version: 1}", "found a merge key (<<); expected the keys themselves"),
    ("version: 1", "? [version]\n: 1", "2:3: the file: found a key that is a list or a mapping"),
    ("version: 1", "%YAML 1.1\n---\nversion: 1", "found a directive (%); expected YAML 1.2"),
    ("version: 1", "---\na: b\n---\nversion: 1", "found a second document; expected one document"),
    ("version: 1", "\tversion: 1", "2:1: the file: found character"),
    ("[security]", "[" * 20, "found a value nested too deeply; expected at most 12 levels"),
    ("octocat", '"\\ud800"', "found a character that is no text"),
    ("octocat", "octo\0cat", "5:45: the file: found the character U+0000; expected readable"),
    ("octocat", "\u00fc \a", "5:43: the file: found the character U+0007; expected readable"),
    ("octocat", "octocat # \x85", "5:51: the file: found the character U+0085; expected readable"),
    ("octocat", "octocat # \r", "5:51: the file: found the character U+000D; expected readable"),
    (
        "octocat",
        "octocat # \u2029",
        "5:51: the file: found the character U+2029; expected readable",
    ),
    ("Please ask again with an expiry of at most 90 days.", "x" * 1025, "expected at most 1024"),
    ("Please ask again with an expiry of at most 90 days.", "' '", "expected a text that tells"),
    ("Please ask again with an expiry of at most 90 days.", "\u3164\u115f", "a text that tells"),
    (
        "Please ask again with an expiry of at most 90 days.",
        '"\\u0085\\u2800"',
        "a text that tells",
    ),
    ("name: dangerous permissions", 'name: "\u3164"', "expected a text of one line, with visible"),
    ("name: dangerous permissions", "name: \u115f", "expected a text of one line, with visible"),
    ("name: dangerous permissions", "name: no eternal tokens\u3164", "a name that looks different"),
    ("name: dangerous permissions", "name: no\u00a0eternal tokens", "a name that looks different"),
    ("name: dangerous permissions", "name: 'no eternal  tokens '", "a name that looks different"),
    ("security: {", '"owners ": {', "expected another name"),
    ("security: {", '"security ": {teams: [ops]}\n  security: {', "a name that looks different"),
    ("name: dangerous permissions", f"name: {'x' * 81}", "expected at most 80 characters"),
    ("{selection: subset}", "{any: ['api-?']}", 'found "api-?"; expected a repository\'s name or'),
    ("{selection: subset}", "{any: ['[ab]']}", 'found "[ab]"; expected a repository\'s name or'),
    ("administration:write", "Administration:Write", "expected NAME or NAME:LEVEL, such as con"),
    ("by: [owners]", "by: []", "12:14: rules[1].review.by: found a list of 0; expected at least"),
    ("approvals: 2", "approvals: 0", "review.approvals: found 0; expected a number of at least 1"),
    ("rules:", "rules: []\nothers:", "found an unknown key; expected one of: examples, grants"),
]


def told(problem: Problem) -> str:
    return f"{problem.line}:{problem.column}: {problem.path}: {problem.text}"


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES, ids=lambda text: text[:40])
def test_a_mistake_is_named_with_its_place(old: str, new: str, expected: str) -> None:
    assert old in EXAMPLE
    loaded = load(EXAMPLE.replace(old, new, 1).encode())
    assert loaded.document is None
    assert any(expected in told(problem) for problem in loaded.problems), [
        told(problem) for problem in loaded.problems
    ]


def test_a_name_may_have_a_coloured_emoji() -> None:
    name = "\u26a0\ufe0f dangerous permissions"
    assert read(EXAMPLE.replace("dangerous permissions", name)).rules[1].name == name


def test_all_mistakes_of_a_file_are_told_together_in_their_order() -> None:
    text = EXAMPLE.replace("mode: enforce", "mode: off").replace("approvals: 2", "approvals: 9")
    problems = load(text.encode()).problems
    assert [(problem.line, problem.path) for problem in problems] == [
        (3, "mode"),
        (12, "rules[1].review.approvals"),
    ]


def test_only_32_kib_and_200_rules_are_read() -> None:
    assert load(b"#" * LARGEST + b"\n").problems[0].expected == "at most 32768 bytes (32 KiB)"
    rule = "\n  - {{name: r{}, when: {{}}, approve: {{}}}}"
    many = "version: 1\nmode: shadow\nrules:" + "".join(rule.format(i) for i in range(201))
    assert load(many.encode()).problems[0].expected == "at most 200 entries"
    assert load(many.rpartition("\n")[0].encode()).document is not None


def test_a_text_in_another_encoding_is_refused_at_its_line() -> None:
    problem = load(b"version: 1\nmode: \xc3\xbc\xff").problems[0]
    place = (problem.line, problem.column)
    assert (place, problem.found) == ((2, 8), "bytes that are no UTF-8")
    assert load("version: 1".encode("utf-16")).document is None
    assert load(b"\xef\xbb\xbf" + EXAMPLE.encode()).document is not None


def test_lines_may_end_as_on_windows_and_have_tabs() -> None:
    text = EXAMPLE.replace("\n", "\r\n").replace("version: 1", "version: 1 #\tfirst")
    assert load(text.encode()).document is not None


def test_words_are_texts_as_in_yaml_1_2() -> None:
    text = EXAMPLE.replace("users: [octocat]", "users: [no, on, y, 1e, null-x]")
    assert read(text).reviewers["security"].users == ["no", "on", "y", "1e", "null-x"]
    assert read(EXAMPLE.replace("approvals: 2", "approvals: 0o2")).rules[1].review is not None


def test_a_permission_that_nobody_knows_is_a_doubt() -> None:
    doubts = load(EXAMPLE.replace("administration:write", "contnets:write").encode()).doubts
    assert [told(doubt) for doubt in doubts] == [
        '11:32: rules[1].when.permissions.any[0]: found "contnets:write"; expected a permission'
        " that this version knows"
    ]
    assert not load(EXAMPLE.encode()).doubts


def test_the_schema_for_editors_says_the_same_of_the_example() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema).is_valid
    data = YAML(typ="safe").load(EXAMPLE)
    assert check(data)
    assert not check({**data, "extra": 1})
    assert not check({**data, "rules": [{"name": "x", "when": {}}]})
    assert not check({**data, "rules": [{"name": "x", "when": {}, "approve": None}]})


FRAGMENTS = st.sampled_from(
    [
        *EXAMPLE.split(),
        *"{}[]:,-?&*!|>'\"%@`#~\t\n",
        "\n  ",
        "\n    ",
        "- ",
        ": ",
        "!!",
        "---",
        "...",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300) | st.lists(FRAGMENTS, max_size=60).map(lambda s: "".join(s).encode())
)
def test_no_bytes_make_the_loader_stumble(raw: bytes) -> None:
    loaded = load(raw)
    assert (loaded.document is None) == bool(loaded.problems)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_policy_makes_the_loader_stumble(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(EXAMPLE)))
    end = data.draw(st.integers(start, min(len(EXAMPLE), start + 40)))
    text = EXAMPLE[:start] + data.draw(FRAGMENTS | st.text(max_size=5)) + EXAMPLE[end:]
    loaded = load(text.encode("utf-8", "replace"))
    assert (loaded.document is None) == bool(loaded.problems)
    for problem in loaded.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.found
        assert problem.expected


GRANTS = [
    ("{revoke_when: [ownerless, unused], after: 7d}", None),
    ("{revoke_when: [wider], after: 7d}", "grants.revoke_when[0]"),
    ("{revoke_when: [], after: 7d}", "grants.revoke_when"),
    ("{revoke_when: [unused]}", "grants.after"),
    ("{after: 7d}", "grants.revoke_when"),
    ("{revoke_when: [unused], after: 7}", "grants.after"),
    ("{revoke_when: [unused], after: 7d, most: 50}", "grants.most"),
]


@pytest.mark.parametrize(("said", "wrong"), GRANTS)
def test_only_two_kinds_of_active_tokens_are_revoked(said: str, wrong: str | None) -> None:
    loaded = load(f"version: 1\nmode: enforce\nrules: []\ngrants: {said}\n".encode())
    assert [one.path for one in loaded.problems] == ([] if wrong is None else [wrong])
