"""From a comment's text to one command, to a refusal, or to nothing that is ours."""

import re

from bot.domain.commands.command import Command, Misuse, MisuseKind
from bot.domain.commands.grammar import read_line
from bot.domain.commands.lines import SlashLine, slash_lines
from bot.domain.commands.spelling import SLASHES, read_word
from bot.domain.commands.table import Name, Place


def read_command(text: str, place: Place) -> Command | Misuse | None:
    """The one command of a newly created comment.

    None: ordinary talk, or other bots' slash words. Misuse: it means us but is refused.
    The reason is taken from the source as written, no entity or escape in it is undone.
    """
    heard = [(line, *meant) for line in slash_lines(text) if (meant := _meant(line))]
    if not heard:
        return None
    line, name, exact = heard[0]
    if len(heard) > 1:
        return Misuse(MisuseKind.TWO_COMMANDS, name, tuple(each.text for each, _, _ in heard))
    if not exact:
        return Misuse(MisuseKind.MISSPELT, name, (line.text,), word=_word(line))
    if not line.free:
        return Misuse(MisuseKind.SWALLOWED, name, (line.text,))
    return read_line(name, line.text, place)


def _meant(line: SlashLine) -> tuple[Name, bool] | None:
    """The command that a line means and whether it says exactly so; None when it is not ours."""
    slash, word = re.split(f"(?<=[{SLASHES}])", _word(line), maxsplit=1)
    name, exact = read_word(word)
    return (name, exact and slash == "/") if name else None


def _word(line: SlashLine) -> str:
    return line.text.replace("\t", " ").partition(" ")[0]
