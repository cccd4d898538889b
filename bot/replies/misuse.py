"""What cannot be read in a command, and how to write it."""

from bot.domain.commands import TABLE, Misuse, MisuseKind, Name, Place
from bot.domain.commands.command import REASON_LIMIT
from bot.replies.escape import code

_LINE = 200
"""Characters of a refused line that are repeated."""
_WORD = 60


def misuse(wrong: Misuse) -> str:
    """Why this line is not carried out, and the right form."""
    if wrong.kind is MisuseKind.TWO_COMMANDS:
        return _TWO.format(lines=", ".join(code(line, _WORD) for line in wrong.lines[:5]))
    if wrong.kind is MisuseKind.UNCLEAR_LIMIT:
        return misread_limit(wrong.word, wrong.place)
    said = _TEXTS[wrong.kind].format(
        word=code(wrong.word, _WORD),
        command=f"`/{wrong.command}`",
        line=code(wrong.lines[0], _LINE) if wrong.lines else "",
        length=f"{wrong.length:,}",
        sent=", which GitHub sends to the requester" if wrong.command is Name.DENY else "",
        where=" or ".join(f"a {place}" for place in TABLE[wrong.command].forms),
    )
    return f"{said} {_usage(wrong)}"


def misread_limit(read: str, place: Place) -> str:
    """What looks like a time limit (`read`) stands where none is read. No limit is ever lost."""
    target = " TARGET" if place is Place.DIGEST else ""
    return "\n".join(
        [
            f"{code(read, _WORD)} reads like a time limit, but I cannot apply it there. Nothing "
            "was done, so that no limit is lost. Please post one of these in a new comment:",
            "",
            f"- `/approve for 3d{target}`: I revoke the access after 3 days. Other limits are "
            "`12h`, `2w` or `30 days`, from 1 hour to 366 days. A reason may follow.",
            f"- `/approve for ever{target}`: there is no time limit. A reason may follow.",
            f"- `/approve{target} -- reason`: all that follows the two dashes is your reason, "
            "whatever it looks like.",
        ]
    )


def _usage(wrong: Misuse) -> str:
    form = TABLE[wrong.command].forms.get(wrong.place)
    if form is None or wrong.kind in _WITHOUT_USAGE:
        return "`/help` lists all commands."
    said = f"Usage: {code(form.usage)}."
    return said if form.example == form.usage else f"{said} Example: {code(form.example)}."


_WITHOUT_USAGE = (
    MisuseKind.MISSPELT,
    MisuseKind.SWALLOWED,
    MisuseKind.QUOTED_MAIL,
    MisuseKind.REASON_TOO_LONG,
)
_TWO = (
    "Please use one command per comment. Yours has several, so I carried out none of them: {lines}."
)
_TEXTS = {
    MisuseKind.MISSPELT: "I do not know the command {word}, so nothing was done. Did you mean "
    "{command}? Please post it in a new comment, in plain letters.",
    MisuseKind.SWALLOWED: "Your {command} is part of the quote, list, table or heading next to it, "
    "so nothing was done. Please post it in a new comment, with a blank line before and after it.",
    MisuseKind.QUOTED_MAIL: "Your {command} is below what looks like a quoted mail, so nothing was "
    "done. Please post it in a new comment without the quoted mail.",
    MisuseKind.REASON_MISSING: "{command} needs a reason{sent}. Nothing was done.",
    MisuseKind.REASON_TOO_LONG: "Your reason has {length} characters, and GitHub takes at most "
    f"{REASON_LIMIT:,}. I never shorten a reason, so nothing was done. Please post a shorter one.",
    MisuseKind.CODE_MISSING: "{command} needs the code from the preview. Nothing was done.",
    MisuseKind.TIME_MISSING: "{command} needs a time behind the tokens, such as `for 90d`, from 1 "
    "hour to 366 days. Nothing was done.",
    MisuseKind.TARGETS_MISSING: "On a digest {command} must say what it means. Nothing was done.",
    MisuseKind.TARGETS_ON_REVIEW: "{word} looks like a target. Here a command is always about this "
    "one request, so nothing was done. Please leave the target out, or use the digest.",
    MisuseKind.BAD_TARGET: "I cannot read the target {word}, so nothing was done.",
    MisuseKind.MIXED_TARGETS: "Please use targets of one sort in a command: numbers, tokens, "
    "a kind, or `all` and filters. Nothing was done.",
    MisuseKind.LATE_TARGET: "{word} looks like a target, but it is in the reason, so nothing was "
    "done. Please put all targets before the reason. The filters are `owner:`, `permission:` and "
    "`repository:`.",
    MisuseKind.NUMBERS_ONLY: "{command} takes only issue numbers, so nothing was done.",
    MisuseKind.NOT_HERE: "{command} does not work on this kind of issue, so nothing was done. "
    "It works on {where}.",
    MisuseKind.NO_PERMISSION: "{command} must name the permissions that would be fine, before "
    "anything else. Nothing was done.",
    MisuseKind.UNKNOWN_PERMISSION: "I do not know the permission {word}, so nothing was done. "
    "Please use the names in the table of permissions. In your text a word before the first plain "
    "word cannot contain a colon.",
    MisuseKind.UNKNOWN_LEVEL: "I cannot read the level in {word}, so nothing was done. The levels "
    "are `read`, `write` and `admin`.",
    MisuseKind.NO_REPOSITORY: "{word} names no repository, so nothing was done. Please name them "
    "with commas and without blanks.",
}
