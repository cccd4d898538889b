"""Which lines of a comment are commands, and which only look like one."""

import pytest

from bot.domain.commands import Command, Misuse, MisuseKind, Name, Place, read_command

COMMANDS = [
    "/approve",
    "   /approve",
    "/APPROVE",
    "/Approve  ",
    "text before\n/approve",
    "text before\n\n/approve\n\ntext after",
    "/approve\r\nfurther talk\r\n",
    "further talk\r/approve\rmore",
    "> quoted\n\n/approve",
    "- item\n\n/approve",
    "# heading\n/approve",
    "```\ncode\n```\n/approve",
    "***\n/approve",
    "*emphasis\n/approve\nno*",
    "<!-- remark -->\n\n/approve",
    "<!-- remark -->\n/approve",
    "<details>\n\n/approve\n\n</details>",
    "/approve\n\nOn Monday Bob wrote:\n> /deny no",
    "On it.\n/approve\nBob wrote:",
    "```\nOn Monday Bob wrote:\n```\n/approve",
    "/lgtm\n/approve\n/retest",
    "\ue000 private use\n/approve",
    "![]()\n[x](y)\n/approve",
    "\u2028/approve\n/approve",
    "a note[^1]\n\n[^1]: of mine\n\n/approve",
    "```\n[^1]: code\n```\n/approve",
    "$$x$$ and $$y$$\n/approve",
    "$$\nx\n$$\n\n/approve",
    "it costs $$\n\n/approve",
    "```\n$$\n```\n/approve\n\n$$",
]

TALK = [
    "",
    "approve",
    "please /approve",
    "`/approve`",
    "    /approve",
    "\t/approve",
    "text\n    /approve",
    "text\n\t/approve",
    "```\n/approve\n```",
    "~~~\n/approve",
    "`code\n/approve\ncode`",
    "``\n/approve\n``",
    "> /approve",
    "> a\n> /approve",
    ">> /approve",
    "- /approve",
    "- a\n  /approve",
    "- a\n\n  /approve",
    "1. /approve",
    "1. a\n\n   /approve",
    "<!-- /approve -->",
    "<!--\n/approve\n-->",
    "<!--\n\n/approve\n\n-->",
    "text <!--\n/approve\n-->",
    "<pre>\n/approve\n</pre>",
    "<pre>\n\n/approve\n\n</pre>",
    "<blockquote>\n\n/approve\n\n</blockquote>",
    "text <code>\n/approve\n</code>",
    "<div>\n/approve\n</div>",
    '<a title="\n/approve\n">x</a>',
    "[label]:\n/approve",
    '[label]: /x "\n/approve\n"',
    "[text](\n/approve\n)",
    '![alt\n/approve\n](x "y")',
    "On Mon, 2 Nov 2026 at 10:00, Bob wrote:\n\n/approve",
    "On Mon, 2 Nov 2026 at 10:00, Bob Miller\n<bob@example.org> wrote:\n\n/approve",
    "On Mon, 2 Nov 2026\nat 10:00, Bob Miller\n<bob@example.org> wrote:\n\n/approve",
    "-----Original Message-----\n/approve",
    "ok\n-----original message-----\n\n/approve",
    "a note[^1]\n\n[^1]: of his\n/approve",
    "talk\n[^note]: of his\nmore\n/approve",
    "talk\n\n$$\n/approve\n$$",
    "talk $$\n/approve\n$$",
    "$$\nx\n\n/approve\n\n$$",
    "$$\n/approve",
    "\\/approve",
    "&#47;approve",
    "/",
    "//",
    "/ approve",
    "/lgtm",
    "/approve-all",
    "/approve/all",
    "/unrelated words",
    "/etc/passwd",
    "| a | b |\n|---|---|\n| /approve | x |",
]

SWALLOWED = [
    "> quoted\n/approve",
    ">> quoted\n/approve",
    "- item\n/approve",
    "1. item\n/approve",
    "> - item\n /approve",
    "/approve\n---",
    "text\n/approve\n===",
    "a | b\n--|--\n/approve",
]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_free_line_is_a_command(text: str) -> None:
    command = read_command(text, Place.REVIEW)
    assert isinstance(command, Command)
    assert (command.name, command.reason) == (Name.APPROVE, "")


@pytest.mark.parametrize("text", TALK)
@pytest.mark.parametrize("place", Place)
def test_everything_else_is_talk(text: str, place: Place) -> None:
    assert read_command(text, place) is None


@pytest.mark.parametrize("text", SWALLOWED)
def test_a_missing_blank_line_is_told(text: str) -> None:
    misuse = read_command(text, Place.REVIEW)
    assert isinstance(misuse, Misuse)
    assert (misuse.kind, misuse.command) == (MisuseKind.SWALLOWED, Name.APPROVE)


@pytest.mark.parametrize(
    "text",
    [
        "/approve\n/deny no",
        "/approve\n\n/approve",
        "/approve\n\ntext\n\n/help",
        "/approve\n\n> quote\n/deny no",
        "> quote\n/approve\n/deny no",
        "/approve\n/aprove",
        "/deny no\n\n- item\n/hold",
    ],
)
def test_of_two_commands_none_is_carried_out(text: str) -> None:
    misuse = read_command(text, Place.REVIEW)
    assert isinstance(misuse, Misuse)
    assert misuse.kind is MisuseKind.TWO_COMMANDS
    assert len(misuse.lines) == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/approve /deny no", Place.REVIEW),
        ("/approve for 3d /deny no", Place.REVIEW),
        ("/hold  /Approve", Place.REVIEW),
        ("/approve #12 /deny no", Place.DIGEST),
        ("/deny #12 /approve #13", Place.DIGEST),
    ],
)
def test_nor_of_two_on_one_line(text: str, place: Place) -> None:
    misuse = read_command(text, place)
    assert isinstance(misuse, Misuse)
    assert misuse.kind is MisuseKind.TWO_COMMANDS


@pytest.mark.parametrize("reason", ["see /deny", "/etc is not read", "-- /deny is too hard"])
def test_a_reason_may_speak_of_commands(reason: str) -> None:
    command = read_command(f"/approve {reason}", Place.REVIEW)
    assert isinstance(command, Command)
    assert command.reason == reason.removeprefix("-- ")


def test_what_is_quoted_beside_a_command_does_not_count() -> None:
    text = "> /deny no\n\n```\n/hold\n```\n\n/approve fine\n\nOn Monday Bob wrote:\n/revoke"
    command = read_command(text, Place.REVIEW)
    assert isinstance(command, Command)
    assert (command.name, command.reason) == (Name.APPROVE, "fine")
