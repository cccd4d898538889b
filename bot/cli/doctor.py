"""`python app.py doctor`: what is wrong, why it matters, and the way out."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from bot.cli.printing import Printer, one_line, say
from bot.domain.doctor.check import Check, Verdict, is_trouble, worst_first
from bot.handlers.doctor.examine import Examination, NoSuchOrganization, examine

NARROW, WIDE = 40, 100
"""Columns of the text on a terminal; piped, lines are as long as they are."""


def run(on: Examination, org: str | None, printer: Printer) -> int:
    """Look at everything and print it; 1 for any fault or warning, 2 for an unknown `org`."""
    try:
        checks = examine(on, org)
    except NoSuchOrganization as unknown:
        say(one_line(str(unknown)))
        return 2
    if printer.as_json:
        printer.document({"checks": [asdict(one) for one in checks]})
    else:
        _report(worst_first(checks), printer)
    return 1 if is_trouble(checks) else 0


def _report(checks: Sequence[Check], printer: Printer) -> None:
    printer.line(_summary(checks))
    for one in checks:
        if one.verdict in {Verdict.FAULT, Verdict.WARNING}:
            printer.line("")
        first, *others = _lines(one, printer.width)
        printer.line(first, bad=one.verdict is Verdict.FAULT)
        for line in others:
            printer.line(line)


def _summary(checks: Sequence[Check]) -> str:
    counted = Counter(one.verdict for one in checks)
    parts = [
        f"{counted[verdict]} {verdict.value}{_ending(verdict, counted[verdict])}"
        for verdict in Verdict
        if counted[verdict]
    ]
    return f"{', '.join(parts)}."


def _ending(verdict: Verdict, count: int) -> str:
    return "s" if verdict in {Verdict.FAULT, Verdict.WARNING} and count != 1 else ""


def _lines(one: Check, width: int | None) -> Iterator[str]:
    yield from _wrapped(f"{one.verdict.value.upper():9}{one.check}: ", one.seen, width)
    if one.verdict is not Verdict.OK:
        for name, text in (("Why", one.why), ("To do", one.todo), ("Page", one.link)):
            if text:
                yield from _wrapped(f"{'':9}{name + ':':8}", text, width)


def _wrapped(start: str, text: str, columns: int | None) -> list[str]:
    line = one_line(start + text)
    if columns is None:
        return [line]
    width = min(max(columns, NARROW), WIDE)
    indent = " " * (9 if start.strip()[:1].isupper() and not start.startswith(" ") else 17)
    return textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
