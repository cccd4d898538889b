"""A time limit is never lost: it is read in its place, and refused wherever else it may stand."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.commands import Command, Misuse, MisuseKind, Name, Place, Targets, read_command

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)

READ = {
    "for 1h": HOUR,
    "for 12h": 12 * HOUR,
    "for 3d": 3 * DAY,
    "for 2w": 2 * WEEK,
    "FOR 3D": 3 * DAY,
    "For 2W": 2 * WEEK,
    "for  3d": 3 * DAY,
    "for\t3d": 3 * DAY,
    "for\u00a03d": 3 * DAY,
    "for 03d": 3 * DAY,
    "for 366d": 366 * DAY,
    "for 8784h": 366 * DAY,
    "for 52w": 364 * DAY,
    "for 3 days": 3 * DAY,
    "for 1 day": DAY,
    "for 3 Days": 3 * DAY,
    "for 3\u00a0days": 3 * DAY,
    "for 12 hours": 12 * HOUR,
    "for 1 hour": HOUR,
    "for 2 weeks": 2 * WEEK,
    "for a day": DAY,
    "for a week": WEEK,
    "for an hour": HOUR,
    "for A Week": WEEK,
}

LIMITS_OUT_OF_PLACE = (
    # behind `for`, and not a TIME
    *("for 3", "for 3 d", "for 3days", "for 3dasy", "for 3m", "for 3x", "for 3 months"),
    *("for 3d5", "for 12h3", "for 2w1x"),
    *("for 0d", "for 0h", "for 0 days", "for 400d", "for 367d", "for 8785h", "for 53w"),
    *("for 1.5d", "for 1,5 days", "for 1d12h", "for \u00bd day", "for 3-5 days", "for 30 minutes"),
    *(f"for {'9' * 20}d", f"for {'9' * 5000}d", "for \u0663d", "for \uff13d", "for \u00b3d"),
    *("for 3\u200bd", "f\u200bor 3d", "f\u043er 3d", "\uff46\uff4f\uff52 3d", "for\u200b3d"),
    *("for 3\u3164d", "for\u31643d", "for\u28003d", "for\u115f3d", "for\uffa03d", "for 3\ufe0fd"),
    *("\u3164for 3d", "3\u2800days", "for 3\U000e0100d", "until\u200bfriday"),
    *("for 3d.", "for 3d,", "for 3d: reason", "for 3d; fine", "for (3d)", "for `3d`", "for **3d**"),
    *('for "3 days"', "for 3&nbsp;days", "for ~3 days", "for ca. 3 days", "for3d", "for3 days"),
    *("for three days", "for two more weeks", "for the next 3 days", "for a couple of days"),
    *(
        "for a few days",
        "for half a day",
        "for one week",
        "for a month",
        "for the week",
        "for the rest of the week",
    ),
    *("for this quarter", "for a a week", "for now", "for today", "for tonight", "for the moment"),
    *("for 3d for 2 reasons", "for 3d until friday", "for ever for 3d", "for 12 repositories"),
    *("for twelve", "for the weekend", "for 2026", "for 5pm", "for 24/7 duty"),
    # anywhere on the line
    *("3d", "3 d", "(3d)", "3d!", "3d max", "30 days", "30-day trial", "ok for 3d", "ok, 3d"),
    *(
        "ok (for 3 days)",
        "ok 12h",
        "ok 2w",
        "fine, three days",
        "two weeks",
        "a week",
        "ok: a week",
    ),
    *("an hour, please", "a few days only", "couple of weeks", "3 working days", "2 more weeks"),
    *(
        "1.5 days",
        "90min",
        "2 years",
        "1y",
        "3**d**",
        "ok 3&nbsp;days",
        "6mo",
        "1d12h",
        "~3d",
        "3\u00a0d",
        "\uff13d",
    ),
    # other words before it
    *(
        "until 2026-12-01",
        "until friday",
        "Until Friday",
        "until the end of the month",
        "until may",
    ),
    *(
        "until end of May",
        "until 12/01",
        "until Dec 1",
        "until 1.12.",
        "until tomorrow",
        "until now",
    ),
    *("until tommorow", "till friday", "til friday", "untill monday", "till the 3rd", "within 3d"),
    *("within a month", "within the next month", "within 24", "max 2 weeks", "max. 3", "max a day"),
    *(
        "unitl friday",
        "ok unitl friday",
        "expires 2027-01-15",
        "ok, expires friday",
        "expires in 3",
    ),
    *("by friday", "ok by next tuesday", "done by eod", "by eoy", "by 2027-01-15"),
    *("till Q3", "until the end of Q1", "ok until q4."),
    *("until noon", "until:friday", "until-friday", "ok until next tuesday", "good till 5pm"),
    # dashes that are not ` -- `
    *("ok \u2014 for 3d", "ok \u2013 for 3d", "ok --for 3d", "ok-- for 3d", "ok --- 3d", "ok - 3d"),
)

REASONS = (
    *(
        "for the migration",
        "for",
        "for the duration",
        "for bob",
        "for the new team",
        "for PROJ-123",
    ),
    *("for issue #12", "for v2", "for s3 access", "for 2fa", "for people who may need it"),
    *("for this one", "for the release of next month's build", "forever", "for everyone"),
    *(
        "approve 2 repositories",
        "ticket 3 done",
        "fixes #12",
        "see PR 7, 8 and 9",
        "2 owners agree",
    ),
    *("requested by Jan", "approved by two owners", "by 3 teams", "by the book", "by design"),
    *("expires soon", "expiring token replaced"),
    *("until the migration is done", "till then", "within our rules", "max agreed", "ok", "a+"),
    *("once a week", "he may", "weekly build", "daily backups", "the weekend job is fine"),
    *("3rd party", "5 repos", "v3.5", "model_x3", "https://example.org/3d/for-3-days", "3 dogs"),
    *("abc12d4e5f", "web3d", "3", "see #3 d", "the monday team", "today it is fine", "in a week"),
)


def review(words: str) -> Command | Misuse | None:
    return read_command(f"/approve {words}", Place.REVIEW)


def unclear(answer: object) -> bool:
    return isinstance(answer, Misuse) and answer.kind is MisuseKind.UNCLEAR_LIMIT


@pytest.mark.parametrize("words", READ)
@pytest.mark.parametrize("reason", ["", "until the move is done", "-- until friday", "ok -- 3d"])
def test_a_limit_in_its_place(words: str, reason: str) -> None:
    said = reason.replace("-- ", "")
    line = f"/approve {words} {reason}".strip()
    assert read_command(line, Place.REVIEW) == Command(Name.APPROVE, line, said, READ[words])
    line = f"/approve {words} #12 #15 {reason}".strip()
    assert read_command(line, Place.DIGEST) == Command(
        Name.APPROVE, line, said, READ[words], targets=Targets((12, 15))
    )


@pytest.mark.parametrize("words", LIMITS_OUT_OF_PLACE)
def test_a_limit_out_of_its_place_refuses(words: str) -> None:
    for answer in (
        review(words),
        read_command(f"/approve #12 {words}", Place.DIGEST),
        read_command(f"/approve all {words}", Place.DIGEST),
        read_command(f"/approve {words} #12", Place.DIGEST),
        read_command(f"/confirm a1b2c3d4 {words}", Place.REVIEW),
    ):
        assert unclear(answer), answer
        assert isinstance(answer, Misuse)
        assert 0 < len(answer.word) <= 60


@pytest.mark.parametrize("words", LIMITS_OUT_OF_PLACE)
def test_behind_the_dashes_it_is_reason(words: str) -> None:
    if len(words) > 1000 or " --" in words or " \u2014 " in words or " \u2013 " in words:
        return
    for before in ("", "fine "):
        for between in (" -- ", "\t--\t"):
            answer = review(f"{before}{between}{words}")
            assert isinstance(answer, Command)
            assert answer.reason == f"{before}{words}"
            assert (answer.lifetime, answer.for_ever) == (None, False)
    answer = read_command(f"/approve #12 -- #15 {words}", Place.DIGEST)
    assert isinstance(answer, Command)
    assert answer.reason == f"#15 {words}"


@pytest.mark.parametrize("words", LIMITS_OUT_OF_PLACE)
def test_denying_and_holding_take_any_reason(words: str) -> None:
    for name in (Name.DENY, Name.HOLD, Name.UNHOLD, Name.REVOKE):
        words = words[:1000]
        answer = read_command(f"/{name} {words}\nfor 3d", Place.REVIEW)
        assert isinstance(answer, Command)
        assert answer.reason == words


@pytest.mark.parametrize("words", REASONS)
def test_other_words_are_reason(words: str) -> None:
    answer = review(words)
    assert isinstance(answer, Command), answer
    assert (answer.reason, answer.lifetime, answer.for_ever) == (words, None, False)
    if "#" not in words:
        answer = read_command(f"/approve #12 {words}", Place.DIGEST)
        assert isinstance(answer, Command), answer
        assert answer.reason == words


@pytest.mark.parametrize("line", ["for ever", "FOR EVER", "for  ever"])
def test_for_ever_is_said_on_purpose(line: str) -> None:
    answer = review(f"{line} fine")
    assert isinstance(answer, Command)
    assert (answer.for_ever, answer.lifetime, answer.reason) == (True, None, "fine")
    answer = read_command(f"/approve {line} all", Place.DIGEST)
    assert isinstance(answer, Command)
    assert (answer.for_ever, answer.targets) == (True, Targets(everything=True))


LATER_LIMITS = [
    *("for 3d", "3d", "For 3 days.", "**for 3d**", "(for 3d)", "- for 3d", "1. for 3d", "30 days"),
    *(
        "until friday",
        "a week",
        "only 3 days",
        "max 2 weeks",
        "two weeks",
        "# for 3d",
        "    for 3d",
    ),
    *(
        "[^1]: note\nfor 3d",
        "within a month please",
        "for now",
        "just for today",
        "* [for 3d](https://example.org)",
    ),
]
LATER_TALK = [
    *("> for 3d", "```\nfor 3d\n```", "`for 3d`", "-- 3 days ago he asked", "we said 3d", "thanks"),
    *("On Monday, 1 June, bob wrote:\nfor 3d", "> a\n> for 3d", "2 owners agree", "#12 is related"),
    *("for the record", "\n    for 3d", "It was asked for 3 days ago", "- > for 3d", "\n~~~\n3d"),
]


@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n", "\nthanks\n", "\n\nthanks\n\n"])
@pytest.mark.parametrize("later", LATER_LIMITS)
def test_a_later_line_that_begins_with_a_limit_refuses(later: str, between: str) -> None:
    assert unclear(read_command(f"/approve fine{between}{later}", Place.REVIEW)) is (
        later[0] != " " or between.count("\n") == 1 or "s\n    " in between + later
    )
    if later[0] != " ":
        assert unclear(read_command(f"/approve for 2d #12{between}{later}", Place.DIGEST))
        assert unclear(read_command(f"/confirm a1b2{between}{later}", Place.DIGEST))
        assert unclear(read_command(f"/approve -- fine{between}{later}", Place.REVIEW))


@pytest.mark.parametrize("later", LATER_TALK)
def test_a_later_line_in_quotes_or_code_or_that_only_mentions_one_is_talk(later: str) -> None:
    answer = read_command(f"/approve fine\n{later}", Place.REVIEW)
    assert isinstance(answer, Command), answer
    assert answer.reason == "fine"


@pytest.mark.parametrize(
    "text",
    ["for\n3d", "for a\nweek", "ok until\nfriday", "ok 3\ndays", "for the next\n\ntwo weeks"],
)
def test_a_limit_broken_over_the_end_of_the_line_refuses(text: str) -> None:
    assert unclear(review(text))


def test_what_stands_above_the_command_is_talk() -> None:
    answer = read_command("thanks\n3 days ago he asked\n\n/approve fine", Place.REVIEW)
    assert isinstance(answer, Command)


def test_dashes_end_the_line_for_a_limit() -> None:
    answer = read_command("/approve ok until -- it is done\nfriday we met", Place.REVIEW)
    assert isinstance(answer, Command)
    assert answer.reason == "ok until it is done"


def test_the_mistaken_words_are_told() -> None:
    for line, words in {
        "ok for 3d please": "for 3d",
        "FOR  3 D": "FOR 3 D",
        "for a couple of days": "couple of days",
        "for the rest of the next week, ok?": "for the rest of the next week,",
        "fine\nonly until Friday!": "only until Friday!",
        "wait two more\nweeks": "two more weeks",
    }.items():
        answer = review(line)
        assert isinstance(answer, Misuse)
        assert answer.word == words


WORDS = [
    *("for", "3", "d", "3d", "days", "a", "week", "until", "friday", "ever", "may", "ok", "all"),
    *("#", "#12", "owner:bob", "-", "--", "\u2014", ".", "(", "\u00a0", "\u200b"),
]
TRICKY = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=4),
    ),
    max_size=8,
).map(" ".join)
FUZZ = settings(max_examples=400, derandomize=True, database=None, deadline=None)


@FUZZ
@given(TRICKY.filter(lambda words: "--" not in words), TRICKY, st.sampled_from(Place))
def test_whatever_stands_around_it_a_limit_is_applied_or_refused(
    before: str, later: str, place: Place
) -> None:
    answer = read_command(f"/approve {before} 4 days\n{later}", place)
    assert isinstance(answer, Misuse) or (
        isinstance(answer, Command) and answer.lifetime == timedelta(days=4)
    )


@FUZZ
@given(st.text(max_size=200), st.sampled_from(["/approve ", "/confirm a ", "/deny ", "/x", ""]))
def test_reading_is_total(text: str, begin: str) -> None:
    for place in Place:
        answer = read_command(f"{begin}{text}", place)
        assert answer is None or isinstance(answer, Command | Misuse)
