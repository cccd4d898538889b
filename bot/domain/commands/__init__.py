"""Commands in comments: the table, the parser, and which requests a digest's command means."""

from bot.domain.commands.command import (
    REASON_LIMIT,
    WORD_LIMIT,
    Command,
    Misuse,
    MisuseKind,
    Targets,
)
from bot.domain.commands.reader import read_command
from bot.domain.commands.selection import Selection, matches, select
from bot.domain.commands.table import (
    DECIDERS,
    EXAMPLE_NUMBERS,
    TABLE,
    Entry,
    Form,
    Name,
    Place,
    Reach,
    commands_in,
)

__all__ = [
    "DECIDERS",
    "EXAMPLE_NUMBERS",
    "REASON_LIMIT",
    "TABLE",
    "WORD_LIMIT",
    "Command",
    "Entry",
    "Form",
    "Misuse",
    "MisuseKind",
    "Name",
    "Place",
    "Reach",
    "Selection",
    "Targets",
    "commands_in",
    "matches",
    "read_command",
    "select",
]
