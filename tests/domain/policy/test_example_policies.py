"""The policies in config/policies: their examples pass, and docs/policy.md explains each."""

from pathlib import Path

import pytest

from bot.domain.policy.examples import failed_examples
from bot.domain.policy.loading import load
from tests.domain.policy.asking import NOW

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "config/policies").glob("*.yml"))


def test_there_is_one_for_each_kind_of_organization() -> None:
    names = {path.stem for path in FILES}
    assert names == {"open-source", "company", "bank", "startup", "school"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_examples_pass(path: Path) -> None:
    loaded = load(path.read_bytes())
    assert not loaded.problems
    assert not loaded.doubts
    assert loaded.document is not None
    assert not failed_examples(loaded.document, NOW)
    tested = {example.rule for example in loaded.document.examples}
    decisive = {rule.name for rule in loaded.document.rules if rule.approve and not rule.mode}
    assert decisive <= tested, "every rule that approves has an example"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_guide_explains_it(path: Path) -> None:
    assert f"(../config/policies/{path.name})" in (ROOT / "docs/policy.md").read_text()
