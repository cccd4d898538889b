"""Commands in comments: the table, the parser, and which requests a digest's command means."""

from bot.domain.commands.command import REASON_LIMIT, Command, Misuse, MisuseKind, Targets
from bot.domain.commands.reader import read_command
from bot.domain.commands.selection import Selection, matches, select
from bot.domain.commands.table import DECIDERS, TABLE, Entry, Name, Place, Reach

__all__ = [
    "DECIDERS",
    "REASON_LIMIT",
    "TABLE",
    "Command",
    "Entry",
    "Misuse",
    "MisuseKind",
    "Name",
    "Place",
    "Reach",
    "Selection",
    "Targets",
    "matches",
    "read_command",
    "select",
]
