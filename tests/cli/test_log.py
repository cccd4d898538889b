"""Log lines: one an event, with the GUID, without secrets."""

import io
import json
import logging

import pytest

from bot.cli.log import LineFormatter, configure, mask


@pytest.fixture
def logger():
    """A logger of its own, and the stream that it writes to as the given form."""
    made = logging.getLogger("tests.log")
    made.propagate, made.level = False, logging.DEBUG
    yield made
    made.handlers.clear()


def lines(logger, form, act, current=lambda: None) -> list[str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(form, current))
    logger.handlers[:] = [handler]
    act()
    return stream.getvalue().splitlines()


def test_a_text_line_has_level_logger_delivery_and_message(logger):
    (line,) = lines(logger, "text", lambda: logger.info("a %s", "b", extra={"delivery": "G-1"}))
    assert line.endswith(" info tests.log [G-1] a b")
    assert line.startswith("20")


def test_a_json_line_is_an_object(logger):
    (line,) = lines(logger, "json", lambda: logger.warning("a\nb"), lambda: "G-2")
    event = json.loads(line)
    assert event.pop("at")
    assert event == {
        "level": "warning",
        "logger": "tests.log",
        "delivery": "G-2",
        "message": "a\nb",
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_event_is_one_line_whatever_it_holds(logger, form):
    def act():
        error = ValueError("first\r\nsecond\u2028third\x1b[2J")
        logger.error(
            "forged\n2026-01-01 info all is well", exc_info=error, extra={"delivery": "G\n-3"}
        )

    (line,) = lines(logger, form, act)
    assert "ValueError: first" in line
    assert "forged\\n" in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    "secret",
    [
        "sha256=" + "ab" * 32,
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjF9.c2lnbmF0dXJl",
        "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11ABCDEFG0123456789_abcdef",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow",
    ],
)
def test_secrets_are_masked(secret):
    shown = mask(f"before {secret} after")
    assert shown.startswith("before ")
    assert not any(part in shown for part in (secret[12:], "MIIEow"))
    assert "…" in shown


def test_harmless_words_stay():
    said = "the header sha256= is missing; eyJust; ghs_1; BEGIN"
    assert mask(said) == said


def test_configure_sets_the_level_and_quiets_the_libraries():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    try:
        configure("warning", "text", lambda: None, stream)
        logging.getLogger("bot.x").info("not this")
        logging.getLogger("bot.x").warning("but this")
        configure("info", "text", lambda: None, stream)
        logging.getLogger("werkzeug").info("no access log")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert [line.split()[-1] for line in stream.getvalue().splitlines()] == ["this"]
