"""The documents name what there is: links lead somewhere, files exist, checks are all told."""

import re
from pathlib import Path

import pytest

from bot.domain.judgement import CHECKS

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "docs/architecture.md"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
ROOM = r"(?:bot|tests|config|docs|benchmarks)/[\w./-]+"


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives a document's headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    for link in links:
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        path = document.parent / target if target else document
        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(document: Path) -> None:
    for name in re.findall(rf"`({ROOM})`", document.read_text()):
        assert (ROOT / name).exists() or "rNNNN" in name, name


def test_the_architecture_page_has_every_check_of_a_decision_in_order() -> None:
    told = re.findall(r"^\| \d+ \| `(\w+)`", ARCHITECTURE.read_text(), re.M)
    assert told == [check.__name__ for check in CHECKS]


def test_readme_is_read_to_its_end() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_readme_has_the_section_that_the_manifest_names() -> None:
    named = re.search(r'README, "([^"]+)"', (ROOT / "app.yml").read_text())
    assert named
    assert re.search(rf"^#+ {named[1]}$", (ROOT / "README.md").read_text(), re.M), named[1]
