"""What the open pages and the log say of trouble between GitHub and the bot: no names."""

from dataclasses import dataclass

from bot.domain.health import Trouble


@dataclass(frozen=True)
class Warned:
    """One trouble in words: what is wrong, and the way out. `is_unknown`: it may be none."""

    what: str
    way_out: str
    is_unknown: bool = False


def warned(trouble: Trouble) -> Warned:
    """The words for a trouble."""
    return _WORDS[trouble]


_WORDS = {
    Trouble.NOT_ACCEPTED: Warned(
        "GitHub does not accept the App’s credentials.",
        "Check that APP_ID and PRIVATE_KEY belong to the same GitHub App, that GITHUB_API_URL is"
        " right, and that this machine’s clock is right. Then restart the bot. Its log has GitHub’s"
        " own words.",
    ),
    Trouble.NO_ANSWER: Warned(
        "GitHub does not answer.",
        "Check the network, GITHUB_API_URL and GitHub’s status page. The bot tries again by"
        " itself, and nothing that it has recorded is lost.",
    ),
    Trouble.SIGNATURES: Warned(
        "The bot refuses GitHub’s deliveries, because their signatures do not match"
        " WEBHOOK_SECRET.",
        "Make a new secret (openssl rand -hex 32): GitHub never shows the one it has. Enter it as"
        " the Webhook secret on the GitHub App’s settings page. Set WEBHOOK_SECRET to it in the"
        " bot’s environment or its .env file (either wins over what the set-up page kept), and"
        " restart the bot. It then asks GitHub to send the refused deliveries again; GitHub keeps"
        " them for three days.",
    ),
    Trouble.DELIVERIES: Warned(
        "GitHub’s newest deliveries do not arrive: new requests and comments are found only by"
        " sweeps.",
        "Check that the Webhook URL on the GitHub App’s settings page is this bot’s public address,"
        " and that the tunnel or proxy before it is up. The bot asks GitHub for what was missed"
        " when deliveries arrive again; GitHub keeps it for three days.",
    ),
    Trouble.NO_WEBHOOK: Warned(
        "The App’s webhook is off, or has no URL: GitHub sends nothing. New requests and"
        " comments are found only by sweeps.",
        "On the GitHub App’s settings page, tick Active, and enter this bot’s public address as the"
        " Webhook URL.",
    ),
    Trouble.RENAMED: Warned(
        "An organization was renamed, and ORGANIZATIONS still has its old name: the bot no longer"
        " serves it.",
        "Put the organization’s id into ORGANIZATIONS (the bot’s log names it), then restart the"
        " bot. An id stays the same when the organization is renamed again.",
    ),
    Trouble.NO_CONTENTS: Warned(
        "An installation has not accepted the permission to read the policy file, so a new policy"
        " cannot come into force there.",
        "An owner of the organization accepts “contents: read” in its settings, under GitHub Apps."
        " The bot’s log names the organization.",
    ),
    Trouble.NOT_ASKED: Warned(
        "The bot has not asked GitHub yet whether all is well.",
        "Look again in a minute. If this stays, read the bot’s log.",
        is_unknown=True,
    ),
    Trouble.NOT_ASKED_LATELY: Warned(
        "The bot has not asked GitHub for more than five minutes whether all is well.",
        "Read the bot’s log: it says what holds its workers up.",
        is_unknown=True,
    ),
    Trouble.NOT_KNOWN: Warned(
        "Nothing is known about GitHub, because the store does not answer.",
        "Read the bot’s log: it says what is wrong with the store.",
        is_unknown=True,
    ),
}
