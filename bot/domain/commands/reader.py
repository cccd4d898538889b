"""From a comment's text to one command, to a refusal, or to nothing that is ours."""

from bot.domain.commands.command import Command, Misuse, MisuseKind
from bot.domain.commands.grammar import read_line
from bot.domain.commands.markdown import slash_lines
from bot.domain.commands.table import Place


def read_command(text: str, place: Place) -> Command | Misuse | None:
    """The one command of a newly created comment.

    None: ordinary talk, or other bots' slash words. Misuse: it means us but is refused.
    The reason is taken from the source as written, no entity or escape in it is undone.
    """
    heard = slash_lines(text)
    if not heard:
        return None
    line = heard[0]
    if line.quoted:
        return Misuse(MisuseKind.QUOTED_MAIL, line.name, (line.text,), line.word)
    if len(heard) > 1:
        lines = tuple(each.text for each in heard)
        return Misuse(MisuseKind.TWO_COMMANDS, line.name, lines, " ".join(lines))
    if not line.exact:
        return Misuse(MisuseKind.MISSPELT, line.name, (line.text,), line.word)
    if not line.free:
        return Misuse(MisuseKind.SWALLOWED, line.name, (line.text,), line.word)
    return read_line(line.name, line.text, place, line.talk)
