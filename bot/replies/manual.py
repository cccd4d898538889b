"""The commands as `/help` and the README tell them; both read the one table."""

from collections.abc import Sequence

from bot.domain.commands import EXAMPLE_NUMBERS, TABLE, Entry, Place, commands_in

_MANNERS = (
    "Only owners can decide, and never on their own request. One command per comment, on its own "
    "line. What follows it on that line is the reason. Edited comments do not count."
)
_TIME = (
    "TIME is `12h`, `3d` or `2w`, also `3 days` or `a week`, from 1 hour to 366 days. `for ever` "
    "says that there is no limit. Write ` -- ` before a reason that reads like a time limit."
)
_TARGETS = (
    "TARGET is `#N`, `all`, or a filter: `owner:LOGIN`, `permission:NAME`, "
    "`permission:NAME:LEVEL`, `repository:NAME`. `all` and filters are previewed first. "
    "Of `/revoke` it is `#N`, `token:ID`, or one of `unused`, `ownerless` and `unreviewed`, which "
    "are previewed. "
    f"The numbers {' and '.join(f'`{number}`' for number in EXAMPLE_NUMBERS)} are made up."
)


def help_text(place: Place = Place.REVIEW) -> str:
    """What `/help` answers here."""
    rows = [_help_row(entry, place) for entry in commands_in(place).values()]
    notes = [_MANNERS, "", _TIME]
    if place is Place.DIGEST:
        notes += ["", _TARGETS]
    return "\n".join([*_head("Usage", "Example", "What it does", "Who"), *rows, "", *notes])


def commands_markdown() -> str:
    """The commands as a table for the README."""
    head = _head("Usage", "Example", "Usage on a digest", "What it does", "Who")
    return "\n".join([*head, *(_readme_row(entry) for entry in TABLE.values())])


def _help_row(entry: Entry, place: Place) -> str:
    form = entry.forms[place]
    return _row([f"`{form.usage}`", f"`{form.example}`", entry.meaning, entry.who])


def _readme_row(entry: Entry) -> str:
    forms = entry.forms
    form, digest = forms.get(Place.REVIEW), forms.get(Place.DIGEST)
    shown = next(iter(forms.values()))
    usages = [f"`{each.usage}`" if each else "" for each in (form, digest)]
    place = "" if digest else f"`{shown.usage}` on a policy issue"
    usage = usages[0] or place
    return _row([usage, f"`{shown.example}`", usages[1], entry.meaning, entry.who])


def _head(*names: str) -> list[str]:
    return [_row(names), f"|{'---|' * len(names)}"]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
