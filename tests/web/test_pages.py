"""The open pages: what they tell, and what they never name."""

import re
from html import unescape

import pytest
from openapi_schema_validator import OAS31Validator

from bot import ports
from bot.domain.health import Trouble
from bot.replies.warnings import warned
from bot.web import State
from tests.web.receiving import PATH, READY, Memory, body, headers, receiver

PAGES = ["/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/style.css"]


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page)).split())


def client(state: State = READY):
    return receiver(Memory(), read_state=lambda: state).test_client()


def without_store():
    def away() -> State:
        raise ports.Retryable("could not connect to postgresql://bot:hunter2@db")

    return receiver(Memory(), read_state=away).test_client()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_page_answers(path, method):
    answer = client().open(path, method=method)
    assert answer.status_code == 200
    assert bool(answer.data) is (method == "GET")


@pytest.mark.parametrize("path", [*PAGES[:-1], "/nowhere", PATH])
def test_every_page_is_protected(path):
    answer = client().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_reading_only(path):
    answer = client().post(path, data=b"{}")
    assert (answer.status_code, answer.mimetype) == (405, "application/json")


def test_ready():
    answer = client(State((), 3, 0, "signed")).get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ready",
        "reasons": [],
        "warnings": [],
        "organizations": 3,
        "unfit_admin_repositories": 0,
        "audit_log": "signed",
    }


@pytest.mark.parametrize(
    ("state", "seen", "way_out"),
    [
        (State((), 3, 1), "1 admin repository needs care.", "must be private"),
        (State((), 3, 2), "2 admin repositories need care.", "must be private"),
        (State((), 3, 0, suspended=2), "suspended in 2 organizations.", "unsuspends it"),
        (State((), 3, 0, lacking=1), "In 1 organization the App lacks", "accepts the new"),
        (State((), 3, 0, stuck=True), "waited for more than an hour", "deliveries --state waiting"),
        (State((), 3, 0, parked=True), "A job failed", "deliveries --state failed"),
        (State((), 3, 0, "broken"), "audit log was changed", "audit verify"),
        (State((), 3, 0, weak_secret=True), "short enough to be guessed", "openssl rand"),
    ],
)
def test_whatever_is_not_well_is_told_with_the_way_out(state, seen, way_out):
    """The bot can record all the same."""
    web = client(state)
    answer, page = web.get("/readyz"), web.get("/").text
    (warning,) = answer.get_json()["warnings"]
    assert answer.status_code == 200
    for told in (warning, words(page)):
        assert seen in told
        assert way_out in told
    assert "Nothing. New requests appear" not in page
    assert "<title>Something is wrong" in page
    verdicts = re.findall(r"(Fault|Warning|Not known|Well): ", page)
    assert verdicts == sorted(verdicts, key=["Fault", "Warning", "Not known", "Well"].index)
    assert verdicts[0] in {"Fault", "Warning"}


def test_what_no_app_can_read_is_not_called_well():
    page = words(client(State((), 1, 0)).get("/").text)
    assert "Not known: No App can read whether an organization requires approval" in page


@pytest.mark.parametrize("trouble", Trouble)
def test_trouble_with_github_is_a_warning_and_no_reason_to_be_not_ready(trouble):
    web = client(State((), 3, 0, "signed", (trouble,)))
    answer, page = web.get("/readyz"), words(web.get("/").text)
    assert (answer.status_code, answer.get_json()["reasons"]) == (200, [])
    (warning,) = answer.get_json()["warnings"]
    assert warned(trouble).what in page
    assert warned(trouble).way_out in page
    assert warning == f"{warned(trouble).what} {warned(trouble).way_out}"
    assert "GitHub accepts the App" not in page
    assert "Nothing. New requests appear" not in page


def test_the_page_says_that_all_is_well_only_when_it_is():
    assert "GitHub accepts the App" in words(client().get("/").text)
    assert "GitHub accepts the App" not in words(without_store().get("/").text)


def test_not_ready_says_why():
    answer = client(State(("No worker is alive.",), 0, 0)).get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["reasons"] == ["No worker is alive."]


def test_a_store_that_is_away_is_told_without_its_address():
    answers = {path: without_store().get(path) for path in PAGES}
    assert {path: answer.status_code for path, answer in answers.items()} == {
        path: 503 if path == "/readyz" else 200 for path in PAGES
    }
    assert answers["/readyz"].get_json()["reasons"] == ["The store does not answer."]
    assert not any("hunter2" in answer.text for answer in answers.values())


@pytest.mark.parametrize(
    ("state", "shown", "advice"),
    [
        (State(("No worker is alive.",), 0, 0), "No worker is alive.", "log: it names the cause"),
        (State((), 0, 0), "not installed in any organization yet", "Install the GitHub App"),
        (State((), 2, 1), "1 admin repository needs care", "names each admin repository"),
        (State((), 1, 0), "installed in 1 organization.", "/approve"),
        (
            State((), 2, 1, troubles=(Trouble.NO_ANSWER,)),
            "GitHub does not answer.",
            "names each admin repository",
        ),
    ],
)
def test_the_front_page_says_whether_it_is_set_up_and_what_to_do_next(state, shown, advice):
    text = words(client(state).get("/").text)
    assert shown in text
    assert advice in text


def test_the_names_of_settings_are_code():
    page = client(State((), 2, 0, troubles=(Trouble.SIGNATURES,))).get("/").text
    assert "match <code>WEBHOOK_SECRET</code>." in page


@pytest.mark.parametrize("state", [READY, State((), 2, 1, troubles=tuple(Trouble), lacking=1)])
def test_the_front_page_needs_no_script_and_nothing_from_elsewhere(state):
    """Links that people may follow lead to GitHub's own pages; nothing is loaded from there."""
    page = client(state).get("/").text
    assert "<script" not in page
    links = re.findall(r"<a href=\"(https?://[^/\"]*/)", page)
    assert set(links) <= {"https://docs.github.com/", "https://www.githubstatus.com/"}
    loaded = re.sub(r"<a href=\"[^\"]*\"", "", page)
    assert re.findall(r"(?:src|href)=\"([^/\"][^\"]*)\"", loaded) == []
    assert 'name="viewport"' in page


def test_what_is_foreign_is_escaped():
    assert "<b>" not in client(State(("<b>",), 0, 0)).get("/").text


def test_metrics_count_answers():
    web = client()
    web.post(PATH, data=body(), headers=headers(body()))
    web.post(PATH, data=body(), headers=headers(body()))
    web.post(PATH, data=body())
    text = web.get("/metrics").text
    assert 'countersign_deliveries_total{answer="accepted"} 1.0' in text
    assert 'countersign_deliveries_total{answer="duplicate"} 1.0' in text
    assert 'countersign_deliveries_total{answer="401"} 1.0' in text
    assert "countersign_delivery_seconds_count 3.0" in text


def test_the_description_is_of_what_is_served():
    app = receiver(Memory())
    served = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    assert {(path, method) for path, item in paths.items() for method in item} == served


def test_json_answers_fit_their_description():
    web = client()
    document = web.get("/openapi.json").get_json()
    schemas = document["components"]["schemas"]
    cases = {
        "Health": web.get("/healthz"),
        "Readiness": web.get("/readyz"),
        "Taken": web.post(PATH, data=body(), headers=headers(body())),
        "Error": web.post(PATH),
    }
    for name, answer in cases.items():
        OAS31Validator(schemas[name]).validate(answer.get_json())
        stated = document["paths"][answer.request.path]
        assert str(answer.status_code) in stated[answer.request.method.lower()]["responses"]
