"""What `audit verify` prints: a line or two for each chain, and what belongs to no chain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.cli.printing import Printer, one_line
from bot.domain.audit.verify import Item, Verdict

Kept = tuple[int, str]
"""`seq` and hash of a head that somebody kept."""


class Report:
    """What is found, printed when everything was looked at.

    `judged`: the organizations whose chains were looked at.
    """

    def __init__(self, names: Mapping[int, str], kept: Sequence[Kept]) -> None:
        self._names, self._missing = names, set(kept)
        self.judged: set[int] = set()
        self._broken = False
        self._lines: list[tuple[str, str]] = []
        self._chains: list[dict[str, Any]] = []

    def watched(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items; the heads that were kept are looked for among them."""
        for item in items:
            self._missing.discard((item.seq, item.hash))
            yield item

    def verdict(self, verdict: Verdict) -> None:
        """What was found in one chain, or in a part of it."""
        self.judged.add(verdict.org_id)
        self._broken |= bool(verdict.fault)
        self._chains.append(self._facts(verdict))
        word = "BROKEN" if verdict.fault else "good"
        self._lines.append((word, f"{self.name(verdict.org_id)}: {_said(verdict)}"))
        if rest := verdict.rest:
            self._lines.append(("", f"from entry {rest.first} on: {_said(rest)}"))

    def broken(self, text: str) -> None:
        """Something else is wrong."""
        self._broken = True
        self._lines.append(("BROKEN", text))

    def note(self, text: str) -> None:
        """Something to know."""
        self._lines.append(("note", text))

    def finish(self, printer: Printer) -> int:
        """Print it; the exit status."""
        for seq, digest in sorted(self._missing):
            self.broken(
                f"there is no entry {seq}:{digest}: the log was set back or rewritten since that"
                " head was kept, or this is not the log that it belongs to."
            )
        if printer.as_json:
            printer.document(self._document())
        else:
            for word, text in self._lines:
                print(one_line(f"{word:8}{text}"))
        return 1 if self._broken else 0

    def name(self, org_id: int) -> str:
        """An organization's name and id."""
        return f"{self._names.get(org_id, 'organization')} ({org_id})"

    def _document(self) -> dict[str, Any]:
        """`broken` and `notes` are the lines for people."""
        return {
            "whole": not self._broken,
            "chains": self._chains,
            "broken": [one_line(text) for word, text in self._lines if word == "BROKEN"],
            "notes": [one_line(text) for word, text in self._lines if word == "note"],
        }

    def _facts(self, verdict: Verdict) -> dict[str, Any]:
        return {
            "organization_id": verdict.org_id,
            "organization": self._names.get(verdict.org_id),
            **_part(verdict),
            "rest": _part(verdict.rest) if verdict.rest else None,
        }


def _said(verdict: Verdict) -> str:
    if verdict.fault:
        return f"entry {verdict.seq} {verdict.fault}."
    extent = f"whole up to entry {verdict.seq}"
    if verdict.first > 1:
        extent = f"only entries {verdict.first} to {verdict.seq}, whole"
    return f"{extent}, {_seal(verdict)}; head {verdict.seq}:{verdict.hash}"


def _seal(verdict: Verdict) -> str:
    """Whether the chain is signed; the head's key cannot vouch for what is older than it."""
    if not verdict.signed:
        return "not signed" if verdict.signed is False else "signature not checked"
    if verdict.since == verdict.first:
        return "signed by this key"
    return (
        f"signed by this key from entry {verdict.since} on (entries {verdict.first} to"
        f" {verdict.since - 1} are vouched for by a kept head or an earlier export only)"
    )


def _part(verdict: Verdict) -> dict[str, Any]:
    """With a fault, `last` is the first broken entry and there is no head to keep."""
    return {
        "whole": not verdict.fault,
        "first": verdict.first,
        "last": verdict.seq,
        "head": None if verdict.fault else f"{verdict.seq}:{verdict.hash}",
        "signed": verdict.signed,
        "signed_from": verdict.since if verdict.signed else None,
        "fault": verdict.fault or None,
    }
