"""The two lists of an organization's tokens, when GitHub is unkind about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from bot.sandbox.deliveries import Until
from bot.sandbox.state import Grant, Organization, TokenRequest

Kind = Literal["requests", "grants"]
ABSENT: Any = object()
"""The value of a field that a row does not have at all."""
X = TypeVar("X", TokenRequest, Grant)


@dataclass(eq=False)
class Lag:
    """A list that is behind: it shows ``rows`` for ``times`` answers, or until it is ended."""

    kind: Kind
    organization: Organization | None
    rows: Sequence[Any]
    times: int | None


@dataclass
class Lists:
    """``ignore_filters``: a query's filters change nothing, and every row is answered."""

    ignore_filters: bool = False
    _lags: list[Lag] = field(default_factory=list)
    _changes: dict[tuple[Kind, int], dict[str, Any]] = field(default_factory=dict)
    _foreign: dict[Kind, list[Any]] = field(default_factory=dict)

    def change_row(self, kind: Kind, ident: int, **fields: Any) -> None:
        """The row of this request or grant shows these fields: others, unknown ones, null, or
        ABSENT for none."""
        self._changes.setdefault((kind, ident), {}).update(fields)

    def add_row(self, kind: Kind, row: Any) -> None:
        """Each answer begins with this JSON, in every organization."""
        self._foreign.setdefault(kind, []).append(row)

    def mend(self) -> None:
        """The lists are as they should be again."""
        self.ignore_filters = False
        self._lags.clear()
        self._changes.clear()
        self._foreign.clear()

    def add_lag(self, lag: Lag) -> Until:
        """A list is behind from now on, until the end of ``with`` or ``end()``."""
        self._lags.append(lag)
        return Until(lambda: self._lags.remove(lag) if lag in self._lags else None)

    def known(self, kind: Kind, org: Organization, rows: list[X]) -> list[X]:
        """What the list knows of an organization for this answer, ``rows`` being the truth."""
        for lag in self._lags:
            if lag.kind == kind and lag.times != 0 and lag.organization in {None, org}:
                lag.times = None if lag.times is None else lag.times - 1
                return [one for one in lag.rows if one.organization is org]
        return rows

    def row(self, kind: Kind, right: dict[str, Any]) -> dict[str, Any]:
        """A row as it is shown."""
        shown = right | self._changes.get((kind, right["id"]), {})
        return {name: value for name, value in shown.items() if value is not ABSENT}

    def foreign(self, kind: Kind) -> list[Any]:
        """The rows that were added."""
        return self._foreign.get(kind, [])

    def odd(self, kind: Kind) -> bool:
        """Whether answers are not what GitHub's description allows."""
        return bool(self._foreign.get(kind)) or any(one == kind for one, _ in self._changes)
