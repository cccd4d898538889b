"""Slips of the pen and look-alikes are refused with the nearest command; never carried out."""

import pytest

from bot.domain.commands import TABLE, Command, Misuse, MisuseKind, Name, Place, read_command


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("/approved", Name.APPROVE),
        ("/approves", Name.APPROVE),
        ("/aprove", Name.APPROVE),
        ("/approv", Name.APPROVE),
        ("/apporve", Name.APPROVE),
        ("/aprroves", Name.APPROVE),
        ("/approve.", Name.APPROVE),
        ("/approve:", Name.APPROVE),
        ("/approve,", Name.APPROVE),
        ("/approve#12", Name.APPROVE),
        ("/approve:all", Name.APPROVE),
        ("/denny", Name.DENY),
        ("/dney", Name.DENY),
        ("/revok", Name.REVOKE),
        ("/unhld", Name.UNHOLD),
        ("/hepl", Name.HELP),
        ("/stats", Name.STATUS),
        ("/confrim", Name.CONFIRM),
        ("/\u0430pprove", Name.APPROVE),
        ("/\u0430\u0440\u0440r\u03bfv\u0435", Name.APPROVE),
        ("/d\u0435ny", Name.DENY),
        ("/d\u00e9ny", Name.DENY),
        ("/\uff41\uff50\uff50\uff52\uff4f\uff56\uff45", Name.APPROVE),
        ("/\U0001d41d\U0001d41e\U0001d427\U0001d432", Name.DENY),
        ("/app\u200brove", Name.APPROVE),
        ("/approve\u200b", Name.APPROVE),
        ("/approve\ufeff", Name.APPROVE),
        ("/\u202eapprove", Name.APPROVE),
        ("/approve\u00a0for 3d", Name.APPROVE),
        ("\u200b/approve", Name.APPROVE),
        ("\u2066/approve", Name.APPROVE),
        ("\u3164/hold", Name.HOLD),
        ("\u2800/hold", Name.HOLD),
        ("\ufe0f/hold", Name.HOLD),
        ("\u034f/hold", Name.HOLD),
        ("/app\u3164rove", Name.APPROVE),
        ("/approve\u3164for 3d", Name.APPROVE),
        ("\uff0fapprove", Name.APPROVE),
        ("\u2044deny no", Name.DENY),
        ("/revo\u212ae", Name.REVOKE),
        ("/\u017ftatus", Name.STATUS),
        ("/approve...", Name.APPROVE),
        ("/approve\u2026", Name.APPROVE),
        ("/deny!!! no", Name.DENY),
        ("/approve(for 3d)", Name.APPROVE),
        ("/approve=all", Name.APPROVE),
        ("/approve&nbsp;for 3d", Name.APPROVE),
        ("/approve\u200bfor 3d", Name.APPROVE),
        ("/hold\u2060until friday", Name.HOLD),
        ("\u00a0/approve", Name.APPROVE),
        (" \u00a0 /deny no", Name.DENY),
        ("\u3000/approve", Name.APPROVE),
        ("/approve/all", None),
        ("/deploy...", None),
        ("/**approve**", None),
        ("/approve-all", None),
        ("/approvers-list", None),
        ("/merge", None),
        ("/assign", None),
        ("/retest", None),
    ],
)
def test_nearest_command(word: str, name: Name | None) -> None:
    answer = read_command(word, Place.REVIEW)
    assert not isinstance(answer, Command)
    if name is None:
        assert answer is None
    else:
        assert isinstance(answer, Misuse)
        assert (answer.kind, answer.command) == (MisuseKind.MISSPELT, name)


@pytest.mark.parametrize("name", Name)
def test_each_name_is_read(name: Name) -> None:
    text = "token:17 for 90d contents" if name is Name.KEEP else "contents"  # needs all of these
    answer = read_command(f"/{name.upper()} {text}", next(iter(TABLE[name].forms)))
    assert isinstance(answer, Command)
    assert answer.name is name
