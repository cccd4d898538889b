"""`countersign db current|upgrade|check`: the schema of the database, and whether it is whole."""

from typing import Protocol

from bot import COMMAND
from bot.cli.printing import Printer, one_line, say


class Upkeep(Protocol):
    """What can be done with the database."""

    def numbers(self) -> tuple[int | None, int]:
        """The schema that the database has (None: there is none yet), and this version's."""

    def upgrade(self) -> None:
        """Bring the schema to this version's; make it where there is none."""

    def faults(self) -> list[str]:
        """What is wrong, in sentences."""


def run(upkeep: Upkeep, step: str, printer: Printer) -> int:
    """Run the step; 1 when the database is not as this version needs it."""
    steps = {"current": show_current, "upgrade": upgrade, "check": check}
    return steps[step](upkeep, printer)


def show_current(upkeep: Upkeep, printer: Printer) -> int:
    """Print both numbers; 0 also when they differ."""
    found, mine = upkeep.numbers()
    if printer.as_json:
        printer.document({"database": found, "program": mine})
        return 0
    has = "There is no database yet" if found is None else f"The database has schema {found}"
    print(f"{has}; this version has schema {mine}.")
    if found is None or found < mine:
        say(f"`{COMMAND} db upgrade` brings it up to date.")
    return 0


def upgrade(upkeep: Upkeep, printer: Printer) -> int:
    """Bring the schema up to date, and say what was done."""
    before, _ = upkeep.numbers()
    upkeep.upgrade()
    after, mine = upkeep.numbers()
    if printer.as_json:
        printer.document({"before": before, "database": after, "program": mine})
    elif before is None:
        print(f"A new database was made, with schema {after}.")
    elif before == after:
        print(f"The database has schema {after} already. Nothing was changed.")
    else:
        print(f"The database has schema {after} now. It had schema {before}.")
    return 0


def check(upkeep: Upkeep, printer: Printer) -> int:
    """Look whether all that this version needs is there and can be read."""
    faults = [one_line(fault) for fault in upkeep.faults()]
    found, mine = upkeep.numbers()
    if printer.as_json:
        printer.document({"database": found, "program": mine, "faults": faults})
    elif faults:
        print("\n".join(f"BROKEN  {fault}" for fault in faults))
        say("Restore a backup, or ask for help before you start the bot on it.")
    else:
        print(f"The database has schema {found}, and all that this version needs is there.")
        say("`audit verify` checks the audit log in it.")
    return 1 if faults else 0
