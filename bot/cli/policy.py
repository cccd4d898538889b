"""`policy check|schema`: what a policy file says, before it is pushed. Needs no settings."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.cli.printing import Printer, one_line, say
from bot.domain.policy.examples import failed_examples
from bot.domain.policy.loading import LARGEST, Loaded, Problem, load
from bot.domain.policy.schema import PolicyFile, json_schema
from bot.replies.policy_issue import what_cannot_be_shown
from bot.replies.policy_words import outcome_in_words


def print_schema() -> int:
    """The JSON Schema that editors use; 0."""
    print(json.dumps(json_schema(), indent=2))
    return 0


def check(path: Path, printer: Printer) -> int:
    """Every mistake with its place, then the examples; 0 when all is well, else 1."""
    loaded = _loaded(path)
    if loaded is None:
        return 1
    failed = _failed(loaded, loaded.document) if loaded.document else []
    if printer.as_json:
        printer.document(_facts(loaded, failed))
        return 1 if failed or loaded.document is None else 0
    _print_problems(path, loaded)
    if loaded.document is None:
        return 1
    for problem in failed:
        print(_line(path, problem))
    rules, examples = len(loaded.document.rules), len(loaded.document.examples)
    passed = f"{examples - len(failed)} of {examples} examples pass"
    print(f"{path}: {rules} rule{'' if rules == 1 else 's'}, {passed}")
    return 1 if failed else 0


def _facts(loaded: Loaded, failed: list[Problem]) -> dict[str, Any]:
    document = loaded.document
    return {
        "usable": document is not None and not failed,
        "problems": [asdict(one) for one in loaded.problems],
        "doubts": [asdict(one) for one in loaded.doubts],
        "failed_examples": [asdict(one) for one in failed],
        "rules": len(document.rules) if document else None,
        "examples": len(document.examples) if document else None,
    }


def usable(path: Path) -> PolicyFile | None:
    """The file; None when it cannot be used, and then every mistake is named."""
    loaded = _loaded(path)
    if loaded is not None and loaded.document is None:
        _print_problems(path, loaded)
    return loaded.document if loaded else None


def _loaded(path: Path) -> Loaded | None:
    try:
        with path.open("rb") as file:
            loaded = load(file.read(LARGEST + 1))
    except OSError as error:
        say(f"{path} cannot be read: {error.strerror}.")
        return None
    if loaded.document and (problem := what_cannot_be_shown(loaded.text, loaded.document)):
        return Loaded(None, (problem,))
    return loaded


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
