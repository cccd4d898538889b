"""Answers by mail: what was written above the quoted mail commands, what stands in it never."""

import pytest

from bot.domain.commands import Command, Misuse, MisuseKind, Place, read_command

MAIL = "mallory <notifications@github.com>"
MASKED = "mallory ***@***.***>"  # as GitHub shows addresses in answers by mail

HEADS = {
    "Gmail": f"On Mon, Jun 1, 2026 at 10:00 AM {MASKED} wrote:",
    "Gmail, wrapped": f"On Mon, Jun 1, 2026\nat 10:00 AM {MAIL}\nwrote:",
    "German": f"Am 01.06.2026 um 10:00 schrieb {MAIL}:",
    "German, last word": "Am Montag, 1. Juni 2026, mallory schrieb:",
    "French": f"Le lun. 1 juin 2026 à 10:00, {MAIL} a écrit :",
    "French, no-break space": f"Le 1 juin 2026 à 10:00, {MAIL} a écrit\u00a0:",
    "French, decomposed": "Le 1 juin 2026, mallory a e\u0301crit :",
    "Spanish": f"El lun, 1 jun 2026 a las 10:00, {MAIL} escribió:",
    "Italian": f"Il giorno lun 1 giu 2026 alle 10:00 {MAIL} ha scritto:",
    "Dutch": f"Op 1 jun 2026 om 10:00 schreef {MAIL}:",
    "Portuguese": f"Em seg., 1 de jun. de 2026, {MAIL} escreveu:",
    "Outlook": f"{'_' * 32}\nFrom: {MAIL}\nSent: Monday\nTo: acme\nSubject: Re: [acme] x",
    "Outlook without its line": f"From: {MAIL}\nSent: Monday\nTo: acme\nSubject: Re: x",
    "Outlook in bold": f"**From:** {MAIL}\n**Date:** Monday\n**To:** acme",
    "Outlook without an address": "From: mallory\nSent: Monday\nTo: acme",
    "Outlook, cut short": f"Von: {MAIL}\nGesendet: Montag",
    "Outlook, German": f"Von: {MAIL}\nGesendet: Montag\nAn: acme\nBetreff: AW: x",
    "Outlook, French": f"De : {MAIL}\nEnvoyé : lundi\nÀ : acme\nObjet : RE: x",
    "Outlook, Spanish": f"De: {MAIL}\nEnviado el: lunes\nPara: acme\nAsunto: RE: x",
    "original, English": "-----Original Message-----\nFrom: mallory",
    "original, German": "-----Ursprüngliche Nachricht-----\nVon: mallory",
    "original, French": "-------- Message d'origine --------",
    "original, Spanish": "-----Mensaje original-----",
}

PERHAPS = {
    "a line of Outlook's alone": "_" * 32,
    "a language that we do not know": f"2026年6月1日(月) 10:00 {MAIL}:",
    "a forwarded message": "---------- Weitergeleitete Nachricht ----------",
    "fields of a mail": "Date: Monday\nSubject: Re: x",
    "a sender": f"From: {MAIL}",
    "from here to there": "From: staging\nTo: production",
    "somebody wrote": "On reflection Bob wrote me this:",
}

TALK = {
    "a colon": "My reasons:",
    "a time": "At 10:00 we talked about it:",
    "a name": "@bob asked on Monday:",
    "a short line": "____",
    "a rule": "-----",
    "a field": "To: whom it may concern",
    "a login": "From: @mallory",
    "an address": "I asked bob@example.org about it.",
    "a word like the opening": "Lemon pie, as Bob wrote:",
    "a head in code": f"```\nFrom: {MAIL}\nSent: Monday\n{'_' * 32}\n```",
}


@pytest.mark.parametrize("name", HEADS)
def test_what_follows_the_head_of_a_mail_is_quoted(name: str) -> None:
    assert read_command(f"I look into it.\n\n{HEADS[name]}\n\n/approve", Place.REVIEW) is None
    assert read_command(f"{HEADS[name]}\n\ntalk\n\n/approve\n\n/deny no", Place.REVIEW) is None


@pytest.mark.parametrize("name", PERHAPS)
def test_what_may_be_quoted_is_told(name: str) -> None:
    misuse = read_command(f"I look into it.\n\n{PERHAPS[name]}\n\n/approve", Place.REVIEW)
    assert isinstance(misuse, Misuse)
    assert misuse.kind is MisuseKind.QUOTED_MAIL


@pytest.mark.parametrize("head", [*HEADS.values(), *PERHAPS.values()])
def test_what_is_written_above_counts(head: str) -> None:
    command = read_command(f"/approve fine\n\n{head}\n\n/deny no", Place.REVIEW)
    assert isinstance(command, Command)
    assert command.reason == "fine"


@pytest.mark.parametrize("name", TALK)
def test_ordinary_talk_is_no_mail(name: str) -> None:
    for text in (f"{TALK[name]}\n\n/approve", f"/approve\n\n{TALK[name]}"):
        assert isinstance(read_command(text, Place.REVIEW), Command), text


def test_a_commands_own_line_is_no_head() -> None:
    for line in ("/approve as bob@example.org wrote:", "/approve on 1 June Bob wrote:"):
        assert isinstance(read_command(f"Fine\n{line}", Place.REVIEW), Command)
