"""The commands as `/help` and the README tell them; both read the one table."""

from bot.domain.commands import TABLE, Entry, Place

_MANNERS = (
    "Owners of the organization decide, nobody their own request. One command a comment, at the "
    "beginning of a line; what follows it on the line is the reason. Edits do not count."
)
_TARGETS = (
    "TARGET is `#12 #15`, `all`, or filters: `owner:LOGIN`, `permission:NAME` or "
    "`permission:NAME:LEVEL`, `repository:NAME`. `all` and filters are previewed first."
)


def help_text(place: Place = Place.REVIEW) -> str:
    """What `/help` answers here."""
    lines = [f"- `{entry.usage_in(place)}`: {entry.meaning}" for entry in TABLE.values()]
    notes = [_MANNERS] if place is Place.REVIEW else [_MANNERS, "", _TARGETS]
    return "\n".join([*lines, "", *notes])


def commands_markdown() -> str:
    """The commands as a table for the README."""
    head = ["| Command | Example | On a digest | What it does | Who |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(entry) for entry in TABLE.values())])


def _row(entry: Entry) -> str:
    cells = (
        f"`{entry.usage}`",
        f"`{entry.example}`",
        f"`{entry.digest_usage}`",
        entry.meaning,
        entry.who,
    )
    return f"| {' | '.join(cells)} |"
