"""`catalogue`: what each permission of a token lets its holder do, and what they add up to."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.cli.printing import Printer
from bot.domain.permissions import CATALOGUE, COMBINATIONS

HEADER = ("GROUP", "PERMISSION", "LEVEL", "DANGER", "OWNER", "THE HOLDER COULD", "RESTS ON")
COMBINED = ("NUMBER", "PERMISSIONS", "DANGER", "THE HOLDER COULD", "RESTS ON")

_PAGE = """\
# What permissions of a token can do
This page is made from the catalogue by `python app.py catalogue --markdown`. Each review issue's
decision card and each policy's `danger` rest on it.

The permissions and operations are GitHub's: GitHub Docs (CC-BY-4.0), "Permissions required for
fine-grained personal access tokens", mid-2026. The sentences and levels of danger are ours. A token
never does more than its owner may. *Owner*: only an owner of the organization, or somebody with a
role that owners gave, can make use of it. A permission that is not here counts as high.
"""


def run(printer: Printer, *, as_markdown: bool) -> int:
    """Print all of it: as two tables, as one JSON document, or as `docs/permissions.md`."""
    if printer.as_json:
        printer.document(_facts())
    elif as_markdown:
        print(markdown(), end="")
    else:
        printer.rows(HEADER, [(cells, {}) for cells in _permissions()])
        print()
        printer.rows(COMBINED, [(cells, {}) for cells in _combinations()])
    return 0


def markdown() -> str:
    """The page `docs/permissions.md`."""
    parts = [_PAGE]
    for group in ("repository", "organization"):
        rows = [row[1:] for row in _permissions() if row[0] == group]
        titles = ("Permission", "Level", "Danger", "Owner", "The holder could", "Rests on")
        parts.append(f"## Permissions of the {group}\n{_markdown_table([titles, *rows])}")
    heads = ("Number", "Permissions", "Danger", "The holder could", "Rests on")
    parts.append(f"## What permissions add up to\n{_markdown_table([heads, *_combinations()])}")
    return "\n".join(parts)


def _permissions() -> list[tuple[str, ...]]:
    return [
        (
            one.group,
            one.name or f"({one.title})",
            level,
            power.danger.word,
            "owner" if power.owner_only else "",
            power.sentence,
            "; ".join(power.rests_on),
        )
        for one in CATALOGUE
        for level, power in one.levels.items()
    ]


def _combinations() -> list[tuple[str, ...]]:
    return [
        (
            str(one.number),
            _needs(one.needs),
            one.danger.word,
            one.sentence,
            "; ".join(one.rests_on),
        )
        for one in COMBINATIONS
    ]


def _needs(needs: Sequence[Sequence[tuple[str, str]]]) -> str:
    return " or ".join(
        " + ".join(f"{name}:{level}" if name != "any" else f"any {level}" for name, level in some)
        for some in needs
    )


def _facts() -> dict[str, Any]:
    return {
        "permissions": [
            {
                "group": one.group,
                "name": one.name or None,
                "title": one.title,
                "level": level,
                "danger": power.danger.word,
                "owner_only": power.owner_only,
                "sentence": power.sentence,
                "rests_on": list(power.rests_on),
                "source": one.source,
            }
            for one in CATALOGUE
            for level, power in one.levels.items()
        ],
        "combinations": [
            {
                "number": one.number,
                "needs": [[f"{name}:{level}" for name, level in some] for some in one.needs],
                "danger": one.danger.word,
                "sentence": one.sentence,
                "rests_on": list(one.rests_on),
            }
            for one in COMBINATIONS
        ],
    }


def _markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """The first row is the header; operations and names are code."""
    header, *others = rows
    lines = [_line(header), _line(["---"] * len(header))]
    for name, *cells, rests_on in others:
        operations = ", ".join(
            f"<{one}>" if "://" in one else f"`{one}`" for one in rests_on.split("; ")
        )
        first = name if name.startswith("(") or name.isdecimal() else f"`{name}`"
        lines.append(_line([first, *cells, operations]))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
