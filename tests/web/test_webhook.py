"""The receiver's answers, as INTERFACE lists them."""

import gc
import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from bot.web import Metrics
from bot.web.webhook import Refusal, Webhook
from tests.web.receiving import (
    GUID,
    PATH,
    PREVIOUS,
    SECRET,
    Memory,
    body,
    headers,
    log_lines,
    receiver,
    sign,
)

MIB = 1024 * 1024


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def client(memory):
    return receiver(memory).test_client()


# ------------------------------------------------------------------ 202


def test_a_signed_delivery_is_kept_and_answered_with_exactly_two_keys(client, memory):
    sent = body(issue={"id": 1, "title": "ünïcode"})
    answer = client.post(PATH, data=sent, headers=headers(sent))
    assert (answer.status_code, answer.mimetype) == (202, "application/json")
    assert answer.get_json() == {"delivery": GUID, "status": "accepted"}
    assert memory.kept[GUID].body == sent
    assert memory.kept[GUID].payload == {"action": "opened", "issue": {"id": 1}}, "the envelope"


def test_a_known_delivery_is_a_duplicate(client):
    sent = body()
    answers = [client.post(PATH, data=sent, headers=headers(sent)) for _ in range(2)]
    assert [answer.get_json()["status"] for answer in answers] == ["accepted", "duplicate"]
    assert answers[1].status_code == 202


def test_an_event_that_is_not_used_is_ignored(client, memory):
    sent = b'{"zen": "Design for failure."}'
    answer = client.post(PATH, data=sent, headers=headers(sent, X_GitHub_Event="ping"))
    assert (answer.status_code, answer.get_json()["status"]) == (202, "ignored")
    assert memory.kept == {}


def test_both_secrets_count_while_one_is_rotated(memory):
    client = receiver(memory, SECRET, PREVIOUS).test_client()
    for guid, secret in (("a", SECRET), ("b", PREVIOUS)):
        sent = headers(body(), secret, X_GitHub_Delivery=guid)
        assert client.post(PATH, data=body(), headers=sent).status_code == 202


@pytest.mark.parametrize("secrets", [(), (b"",), (SECRET, b"")])
def test_a_receiver_without_a_secret_is_not_made(secrets):
    with pytest.raises(ValueError, match="without a secret"):
        Webhook(secrets, Memory().take, Metrics())


def test_a_slash_at_the_end_of_the_path_does_not_matter(client):
    assert client.post(PATH + "/", data=body(), headers=headers(body())).status_code == 202


# ------------------------------------------------------------------ 401

SIGNATURES = {
    "none": None,
    "empty": "",
    "another secret": sign(body(), b"another"),
    "the previous secret, when there is none": sign(body(), PREVIOUS),
    "an empty secret": sign(body(), b""),
    "SHA-1": "sha1=" + "0" * 40,
    "no prefix": sign(body()).removeprefix("sha256="),
    "upper case": sign(body()).upper(),
    "cut": sign(body())[:-1],
    "longer": sign(body()) + "0",
    "two": f"{sign(body(), b'x')}, {sign(body())}",
    "beyond ASCII": "sha256=é",
}


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_that_is_missing_or_wrong_is_401(client, memory, kind):
    sent = headers(body(), X_Hub_Signature_256=SIGNATURES[kind])
    answer = client.post(PATH, data=body(), headers=sent)
    assert answer.status_code == 401
    assert "WEBHOOK_SECRET" in answer.get_json()["error"]
    assert memory.kept == {}


def test_the_old_signature_header_alone_does_not_count(client):
    sent = headers(body(), X_Hub_Signature_256=None, X_Hub_Signature=sign(body()))
    assert client.post(PATH, data=body(), headers=sent).status_code == 401


def test_the_signature_is_of_the_raw_bytes(client):
    spaced = b'{"action" : "opened" }'
    again = json.dumps(json.loads(spaced)).encode()
    assert client.post(PATH, data=spaced, headers=headers(again)).status_code == 401
    assert client.post(PATH, data=spaced, headers=headers(spaced)).status_code == 202


# ------------------------------------------------------------------ 411, 413, 415, 400


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (str(25 * MIB + 1), 413),
        ("9" * 18, 413),
        ("9" * 30, 411),
        ("-1", 411),
        ("1e3", 411),
        ("²", 411),
    ],
)
def test_the_length_is_judged_by_its_header_before_anything_else(client, length, status):
    environ = {"CONTENT_LENGTH": length}
    answer = client.post(PATH, environ_overrides=environ)  # not signed either
    assert answer.status_code == status
    assert "error" in answer.get_json()


def test_a_body_of_untold_length_is_refused(client):
    sent = {**headers(body()), "Transfer-Encoding": "chunked"}
    assert client.post(PATH, data=body(), headers=sent).status_code == 411


def test_a_body_of_exactly_25_mib_is_taken(client):
    frame = len(b'{"action": "opened", "x": ""}')
    sent = body(x="a" * (25 * MIB - frame))
    assert len(sent) == 25 * MIB
    assert client.post(PATH, data=sent, headers=headers(sent)).status_code == 202


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        None,
    ],
)
def test_anything_but_json_is_415_and_says_what_to_change(client, kind):
    sent = b"payload=%7B%7D"
    answer = client.post(PATH, data=sent, headers=headers(sent, Content_Type=kind))
    assert answer.status_code == 415
    assert "content type to application/json" in answer.get_json()["error"]
    assert "PATCH /app/hook/config" in answer.get_json()["error"]


def test_json_with_a_charset_is_json(client):
    sent = headers(body(), Content_Type="application/json; charset=utf-8")
    assert client.post(PATH, data=body(), headers=sent).status_code == 202


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00x", "\\ud83d \\ude00"])
def test_half_a_character_is_json_and_loses_no_delivery(client, memory, half):
    """The workers read it as U+FFFD (tests/github/test_payloads.py)."""
    sent = b'{"action": "opened", "issue": {"id": 1, "title": "%s"}}' % half.encode()
    assert client.post(PATH, data=sent, headers=headers(sent)).status_code == 202
    assert memory.kept[GUID].body == sent
    assert memory.kept[GUID].payload["issue"]["id"] == 1


BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"action=opened",
    "cut": b'{"action": "ope',
    "a list": b'[{"action": "opened"}]',
    "a string": b'"opened"',
    "null": b"null",
    "not UTF-8": b'{"action": "\xff"}',
    "UTF-16": '{"action": "opened"}'.encode("utf-16"),
    "half a character in no object": b'["\\ud800"]',
    "half a character and NaN": b'{"action": "\\ud800", "x": NaN}',
    "NaN": b'{"action": "opened", "x": NaN}',
    "nested beyond reason": b'{"action": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number without end": b'{"action": "opened", "issue": {"id": ' + b"9" * 100_000 + b"}}",
    "no action": b"{}",
    "an action that is no text": b'{"action": 1}',
}


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_a_malformed_body_is_400(client, memory, kind):
    sent = BAD_BODIES[kind]
    length = {"CONTENT_LENGTH": str(len(sent))}  # the client tells none of an empty body
    answer = client.post(PATH, data=sent, headers=headers(sent), environ_overrides=length)
    assert (answer.status_code, list(answer.get_json())) == (400, ["error"])
    assert memory.kept == {}


@pytest.mark.parametrize("name", ["X-GitHub-Delivery", "X-GitHub-Event"])
@pytest.mark.parametrize("text", [None, "", "a" * 101, "ü"])
def test_a_name_that_is_missing_or_malformed_is_400(client, name, text):
    sent = headers(body(), **{name.replace("-", "_"): text})
    answer = client.post(PATH, data=body(), headers=sent)
    assert answer.status_code == 400
    assert name in answer.get_json()["error"]


@pytest.mark.parametrize("guid", ["1", "a.b_c-D", "9" * 100])
def test_a_guid_need_not_be_as_long_as_githubs(client, guid):
    answer = client.post(PATH, data=body(), headers=headers(body(), X_GitHub_Delivery=guid))
    assert answer.get_json() == {"delivery": guid, "status": "accepted"}


@pytest.mark.parametrize("guid", ["digest:1:2026-05-04", "a/b", "a b", 'a"', "a] forged", "<b>"])
def test_a_guid_is_no_timers_name_and_forges_no_log_line(client, memory, caplog, guid):
    with caplog.at_level(logging.INFO, "bot"):
        answer = client.post(PATH, data=body(), headers=headers(body(), X_GitHub_Delivery=guid))
    assert (answer.status_code, memory.kept) == (400, {})
    assert [record.delivery for record in caplog.records] == [""]


def test_the_checks_come_in_order(client):
    wrong = headers(b"x", Content_Type="text/plain", X_Hub_Signature_256="no", X_GitHub_Event="")
    large = {"CONTENT_LENGTH": str(26 * MIB)}
    mended: list[tuple[dict, dict]] = [
        ({"environ_overrides": large}, {}),
        ({"data": b"x"}, {}),
        ({"data": b"x"}, {"X-Hub-Signature-256": sign(b"x")}),
        ({"data": b"x"}, {"Content-Type": "application/json"}),
    ]
    seen = []
    for arguments, changes in mended:
        wrong |= changes
        seen.append(client.post(PATH, headers=wrong, **arguments).status_code)
    assert seen == [413, 401, 415, 400]


# ------------------------------------------------------------------ 503, 404, 405, logs


def test_a_store_that_is_away_is_503_and_keeps_nothing(client, memory):
    memory.away = True
    answer = client.post(PATH, data=body(), headers=headers(body()))
    assert (answer.status_code, list(answer.get_json())) == (503, ["error"])
    memory.away = False
    answer = client.post(PATH, data=body(), headers=headers(body()))
    assert answer.get_json()["status"] == "accepted", "a redelivery is not taken for a duplicate"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_405(client, method):
    answer = client.open(PATH, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.mimetype == "application/json"


def test_other_paths_are_404(client):
    answer = client.get("/api/github/other")
    assert (answer.status_code, answer.get_json()) == (404, {"error": "Not Found."})


@pytest.mark.parametrize("path", [f"/{PATH}", PATH.replace("/g", "//g"), f"{PATH}//"])
def test_a_path_with_more_slashes_is_another_path(client, path):
    """Whatever is sent there: no redirect, and nobody is told that the secret is wrong."""
    answer = client.post(
        "/", data=body(), headers=headers(body()), environ_overrides={"PATH_INFO": path}
    )
    assert (answer.status_code, answer.get_json()) == (404, {"error": "Not Found."})


def test_refusals_are_logged_without_signature_or_content(client):
    secret_name = b'{"token_name": "for the safe"}'
    with log_lines() as lines:
        client.post(PATH, data=secret_name, headers=headers(secret_name, b"x"))
        client.post(PATH, data=secret_name, headers=headers(secret_name))
    assert ["refused with 401" in lines[0], "refused with 400" in lines[1]] == [True, True]
    assert not any("safe" in line or "sha256=" in line for line in lines)


def test_an_accepted_delivery_logs_nothing(client):
    with log_lines() as lines:
        client.post(PATH, data=body(), headers=headers(body()))
    assert lines == []


def test_a_refused_body_is_let_go_at_once(client):
    """Not when the garbage collector comes by: unsigned bodies may have 25 MiB each."""
    gc.collect()
    gc.disable()
    try:
        assert client.post(PATH, data=body(), headers=headers(body(), b"wrong")).status_code == 401
        assert [one for one in gc.get_objects() if isinstance(one, Refusal)] == []
    finally:
        gc.enable()


def test_an_error_of_ours_is_a_plain_500_with_a_log_line():
    class Broken(Memory):
        def take(self, _delivery, _told):
            raise LookupError("a secret thought")

    with log_lines() as lines:
        answer = receiver(Broken()).test_client().post(PATH, data=body(), headers=headers(body()))
    assert (answer.status_code, answer.mimetype) == (500, "application/json")
    assert "thought" not in answer.text
    assert lines == ["a delivery failed by an error of ours"]


# ------------------------------------------------------------------ whatever comes

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=120)
KNOWN = st.sampled_from(
    [*headers(b""), "Content-Length", "Transfer-Encoding", "Content-Encoding", "Expect", "Host"]
)
CLIENT = receiver(Memory()).test_client()


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda content: json.dumps(content).encode()),
    changes=st.dictionaries(KNOWN, LATIN),
    signed=st.booleans(),
    method=st.sampled_from(["POST", "POST", "POST", "PUT", "GET"]),
)
def test_nothing_that_is_sent_makes_an_error_of_ours(data, changes, signed, method):
    sent = Headers({**headers(data), **changes})
    if signed:
        sent["X-Hub-Signature-256"] = sign(data)
    answer = CLIENT.open(PATH, method=method, data=data, headers=sent)
    assert answer.status_code in {202, 400, 401, 405, 411, 413, 415}
