"""What the form of a policy file alone does not show: names that must agree, and doubts."""

from collections.abc import Collection, Iterable, Iterator

from bot.domain.permissions import PERMISSION_NAMES
from bot.domain.policy.globs import compile_glob, compile_repository_glob
from bot.domain.policy.schema import OWNERS, Conditions, PolicyFile, Rule
from bot.domain.policy.yaml_tree import Path
from bot.domain.unseen import appearance

Finding = tuple[Path, str, str]
"""Where, what was found, what is expected."""

MOST_COMPARED = 200_000
"""Globs times repositories: a tenth of a second. Where there are more, none is looked at: a doubt
is only a help.
"""


def find_contradictions(document: PolicyFile) -> Iterator[Finding]:
    """Errors: names that are there twice, or look so to people, or that nothing has."""
    yield from _repeated((("rules", i, "name"), one.name) for i, one in enumerate(document.rules))
    examples = enumerate(document.examples)
    yield from _repeated((("examples", i, "name"), one.name) for i, one in examples)
    yield from _repeated((("reviewers", name), name) for name in document.reviewers)
    for name in document.reviewers:
        if appearance(name).lower() == OWNERS:
            yield ("reviewers", name), f'"{name}"', "another name: `owners` always exists"
    for i, rule in enumerate(document.rules):
        for j, name in enumerate(rule.review.by if rule.review else ()):
            if name != OWNERS and name not in document.reviewers:
                known = ", ".join([OWNERS, *document.reviewers])
                yield ("rules", i, "review", "by", j), f'"{name}"', f"one of: {known}"
    names = {rule.name for rule in document.rules}
    for i, example in enumerate(document.examples):
        if example.rule is not None and example.rule not in names:
            yield ("examples", i, "rule"), f'"{example.rule}"', "the name of a rule of this file"


def _repeated(names: Iterable[tuple[Path, str]]) -> Iterator[Finding]:
    """Those that look like one before."""
    before = set[str]()
    for path, name in names:
        if appearance(name) in before:
            yield path, f'"{name}" a second time', "a name that looks different from all others"
        before.add(appearance(name))


def find_doubts(document: PolicyFile) -> Iterator[Finding]:
    """Not wrong, but probably not meant: permissions that this version does not know."""
    for i, rule in enumerate(document.rules):
        for key, conditions in _conditions(rule):
            if conditions.permissions is None:
                continue
            for field in ("any", "all", "only"):
                patterns = getattr(conditions.permissions, field) or ()
                for j in _matching_nothing(patterns):
                    path = ("rules", i, key, "permissions", field, j)
                    yield path, f'"{patterns[j]}"', "a permission that this version knows"


def find_unmatched(document: PolicyFile, repositories: Collection[str]) -> Iterator[Finding]:
    """The same for what matches none of these repositories (`owner/name` in lower case)."""
    globs = list(_repository_globs(document))
    if len(globs) * len(repositories) > MOST_COMPARED:
        return
    for path, pattern in globs:
        if not any(map(compile_repository_glob(pattern), repositories)):
            asked = "a repository that a request of the last 90 days asks for"
            yield path, f'"{pattern}"', asked


def _repository_globs(document: PolicyFile) -> Iterator[tuple[Path, str]]:
    for i, rule in enumerate(document.rules):
        for key, conditions in _conditions(rule):
            for field in ("any", "only"):
                for j, pattern in enumerate(getattr(conditions.repositories, field, None) or ()):
                    yield ("rules", i, key, "repositories", field, j), pattern


def _conditions(rule: Rule) -> Iterator[tuple[str, Conditions]]:
    yield "when", rule.when
    if rule.unless is not None:
        yield "unless", rule.unless


def _matching_nothing(patterns: Iterable[str]) -> Iterator[int]:
    for j, pattern in enumerate(patterns):
        matches = compile_glob(pattern.partition(":")[0])
        if not any(map(matches, PERMISSION_NAMES)):
            yield j
