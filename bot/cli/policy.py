"""`policy check|schema|diff`: what a policy file says, before it is pushed. Needs no settings."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.printing import one_line
from bot.domain.policy.evaluation import Judgement
from bot.domain.policy.examples import example_facts, failed_examples
from bot.domain.policy.loading import LARGEST, Loaded, Problem, load
from bot.domain.policy.replay import Recorded, one_of_each_kind, replay
from bot.domain.policy.rules import compile_rules
from bot.domain.policy.schema import PolicyFile, json_schema
from bot.replies.policy_words import outcome_in_words


def print_schema() -> int:
    """The JSON Schema that editors use; 0."""
    print(json.dumps(json_schema(), indent=2))
    return 0


def check(path: Path) -> int:
    """Every mistake with its place, then the examples; 0 when all is well, else 1."""
    loaded = _loaded(path)
    if loaded is None:
        return 1
    _print_problems(path, loaded)
    if loaded.document is None:
        return 1
    problems = _failed(loaded, loaded.document)
    for problem in problems:
        print(_line(path, problem))
    rules, examples = len(loaded.document.rules), len(loaded.document.examples)
    passed = f"{examples - len(problems)} of {examples} examples pass"
    print(f"{path}: {rules} rule{'' if rules == 1 else 's'}, {passed}")
    return 1 if problems else 0


def show_difference(old_path: Path, new_path: Path) -> int:
    """One example of each kind of request on which two files differ: 0 none, 1 some, 2 no policy.

    The requests are the examples of both files.
    """
    old, new = _usable(old_path), _usable(new_path)
    if old is None or new is None:
        return 2
    old_rules, new_rules = compile_rules(old), compile_rules(new)
    teams, now = old_rules.teams | new_rules.teams, datetime.now(UTC)
    requests = [
        Recorded(f"{path}: {example.name}", facts)
        for path, file in ((old_path, old), (new_path, new))
        for example, facts in zip(file.examples, example_facts(file, now, teams=teams), strict=True)
    ]
    differences = replay(old_rules, new_rules, requests).differences
    for each in one_of_each_kind(differences):
        print(one_line(each.request.name))
        print(f"  old: {_outcome(each.old)}\n  new: {_outcome(each.new)}")
    if not differences:
        print(f"No difference in {len(requests)} examples.")
    return 1 if differences else 0


def _outcome(judgement: Judgement) -> str:
    shadow = judgement.shadow
    in_shadow = f" (in shadow: {outcome_in_words(shadow)})" if shadow else ""
    return one_line(outcome_in_words(judgement.enforced) + in_shadow)


def _usable(path: Path) -> PolicyFile | None:
    loaded = _loaded(path)
    if loaded is not None and loaded.document is None:
        _print_problems(path, loaded)
    return loaded.document if loaded else None


def _loaded(path: Path) -> Loaded | None:
    try:
        with path.open("rb") as file:
            return load(file.read(LARGEST + 1))
    except OSError as error:
        print(f"{path} cannot be read: {error.strerror}.", file=sys.stderr)
        return None


def _print_problems(path: Path, loaded: Loaded) -> None:
    for problem in loaded.problems:
        print(_line(path, problem))
    for doubt in loaded.doubts:
        print(_line(path, doubt, "warning: "))


def _line(path: Path, problem: Problem, kind: str = "") -> str:
    place = f"{path}:{problem.line}:{problem.column}: {problem.path}"
    return one_line(f"{place}: {kind}{problem.text}")


def _failed(loaded: Loaded, document: PolicyFile) -> list[Problem]:
    return [
        loaded.problem_at(
            ("examples", failed.index),
            f"{outcome_in_words(failed.outcome)} (example `{failed.example.name}`)",
            failed.example.outcome
            + (f" by `{failed.example.rule}`" if failed.example.rule else ""),
        )
        for failed in failed_examples(document, datetime.now(UTC))
    ]
