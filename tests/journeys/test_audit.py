"""The audit log of whole journeys, read as an auditor would: by the command line."""

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from tests.journeys.stage import Cast, Stage


@pytest.fixture
def cli(scene: Stage, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> Any:
    """Runs a command of app.py beside the bot: its status, stdout and stderr."""
    for name, text in scene.environ.items():
        monkeypatch.setenv(name, text)

    def run(*arguments: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        status = app.main([*arguments])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return run


def origin(scene: Stage) -> httpx.URL:
    return httpx.URL(scene.bot.webhook_url).copy_with(path="")


def health(scene: Stage) -> dict[str, Any]:
    return httpx.get(origin(scene).join("/readyz")).json()


def entries(cli: Any, *arguments: str) -> list[dict[str, Any]]:
    status, out, err = cli("audit", "export", "--format", "jsonl", *arguments)
    assert status == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    return [line for line in lines if "head" not in line]


def approved(scene: Stage, acme: Cast) -> Any:
    """One request, refused to a member and approved by an owner."""
    request, number = acme.asked(by=acme.otto)
    acme.refused(acme.mia, number, "/approve me, ghp_abcdefghijklmnopqrstuvwxyz0123456789")
    acme.obeyed(acme.olga, number, "/approve until the move is done")
    scene.issue(acme.admin, state="closed")
    scene.idle()
    return request


def test_the_facts_of_a_decision_are_in_the_log_in_their_order(
    scene: Stage, acme: Cast, cli: Any
) -> None:
    request = approved(scene, acme)
    found = entries(cli, "--org", "acme")
    told = [(one["kind"], one["actor"], one["text"]) for one in found if one["request_id"]]
    masked = "/approve me, [masked GitHub token]"
    olga, mia = acme.olga.login, acme.mia.login
    assert [one for one in told if one[0] != "issue shown anew"] == [
        ("requested", acme.otto.login, ""),
        ("issue opened", "", "acme/token-requests#1"),
        ("membership", mia, "member, active"),
        ("command refused", mia, masked),
        ("membership", olga, "admin, active"),
        ("approve commanded", olga, "/approve until the move is done"),
        ("review call", "", "approve: until the move is done"),
        ("review answer", "GitHub", "taken"),
        ("approved", olga, "until the move is done"),
        ("command taken", olga, "/approve until the move is done"),
    ]
    assert {one["request_id"] for one in found} == {None, request.id}
    by_kind = {one["kind"]: one for one in found}
    assert by_kind["command taken"]["actor_id"] == acme.olga.id
    assert by_kind["command refused"]["actor_id"] == acme.mia.id
    assert by_kind["command refused"]["data"]["cause"]
    assert by_kind["requested"]["data"]["permissions"]["repository"]["contents"] == "write"
    assert by_kind["issue opened"]["data"]["reason"] == "release the API from CI"
    for kind in ("requested", "issue opened"):
        data = by_kind[kind]["data"]
        assert [one["name"] for one in data["repositories"]] == ["acme/api"], kind
        assert all(one["id"] > 0 for one in data["repositories"])
    assert data["repositories_complete"] is True
    handled = [one["text"] for one in found if one["kind"] == "delivery handled"]
    assert handled.count("issue_comment.created") == 4, "two of people, two of the bot"
    assert "personal_access_token_request.created" in handled
    guids = {one["data"]["delivery"] for one in found if one["kind"] == "delivery handled"}
    assert by_kind["requested"]["data"]["job"] in guids


def test_a_whole_log_is_good_and_a_tampered_one_names_the_entry(
    scene: Stage, acme: Cast, cli: Any
) -> None:
    approved(scene, acme)
    status, out, _ = cli("audit", "verify")
    assert (status, "good    acme" in out, "signed by this key; head" in out) == (0, True, True)
    assert health(scene)["audit_log"] == "signed"
    found = entries(cli)
    seq = next(one["seq"] for one in found if one["kind"] == "approve commanded")
    with sqlite3.connect(scene.folder / "bot.db") as thief:
        thief.execute("DROP TRIGGER history_no_update")
        thief.execute("UPDATE history SET actor = 'mallory' WHERE seq = ?", [seq])
    for arguments in (("--org", "acme"), ()):
        status, out, _ = cli("audit", "verify", *arguments)
        assert status == 1
        assert f"BROKEN  acme ({acme.org.id}): entry {seq} was changed" in out
    status, out, err = cli("audit", "export", "--format", "jsonl")
    assert (status, f"entry {seq} was changed" in err, '{"head"' in out) == (1, True, False)


def test_a_bot_whose_log_was_attacked_works_on_and_says_so(
    scene: Stage, acme: Cast, cli: Any, caplog: pytest.LogCaptureFixture
) -> None:
    request, number = acme.asked()
    scene.idle()
    with sqlite3.connect(scene.folder / "bot.db") as thief:
        thief.execute("DELETE FROM audit_heads")
    acme.obeyed(acme.olga, number, "/approve")
    scene.issue(acme.admin, state="closed")
    scene.idle()
    assert request.id in {one["request_id"] for one in entries_anyhow(cli)}
    status, out, _ = cli("audit", "verify")
    assert (status, "nothing vouches for the entries before it" in out) == (1, True)
    assert "signed by this key; head" in out
    assert health(scene) == {**health(scene), "status": "ready", "audit_log": "broken"}
    assert [one.levelname for one in caplog.records if "audit verify" in one.message] == ["ERROR"]


def entries_anyhow(cli: Any) -> list[dict[str, Any]]:
    return [json.loads(one) for one in cli("audit", "export", "--format", "jsonl")[1].splitlines()]


def test_an_export_is_verified_without_the_database(
    scene: Stage, acme: Cast, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(scene, acme)
    _, key, _ = cli("audit", "key")
    at = entries(cli)[4]["at"]
    exports = [
        cli("audit", "export", "--format", "jsonl", *only)[1]
        for only in ((), ("--since", at), ("--until", at))
    ]
    scene.stop_bot()
    for name in scene.environ:
        monkeypatch.delenv(name)
    file = tmp_path / "export.jsonl"

    def verify(text: str, *key: str) -> tuple[int, str, str]:
        file.write_text(text)
        return cli("audit", "verify", "--file", str(file), *key)

    for text in exports:
        assert len(text.splitlines()) >= 4
        status, out, _ = verify(text, "--public-key", key.strip())
        assert (status, "signed by this key; head" in out) == (0, True), out
        lines = text.splitlines()
        for broken in (
            lines[1:],
            lines[:-2] + lines[-1:],
            lines[:-1],
            [lines[1], lines[0], *lines[2:]],
        ):
            assert verify("\n".join(broken), "--public-key", key.strip())[0] == 1
        assert verify(text.replace("acme", "evil"), "--public-key", key.strip())[0] == 1
    status, _, err = verify(exports[0])
    assert (status, "No signature was checked" in err) == (0, True)
    _, seed, said = cli("audit", "key", "--new")
    other = said.split()[-1]
    status, out, _ = verify(exports[0], "--public-key", other)
    assert (status, "another key" in out) == (1, True)
    assert seed.strip() not in said
    assert verify("not an export")[0] == 1


def test_what_is_not_in_the_log_is_not_told_as_if_it_were(
    scene: Stage, acme: Cast, cli: Any
) -> None:
    request, number = acme.asked()
    scene.idle()
    with sqlite3.connect(scene.folder / "bot.db") as thief:
        thief.execute(
            "INSERT INTO history (org_id, request_id, at, kind, actor, text)"
            " VALUES (?, ?, 0, 'approved', 'olga', 'of course')",
            [acme.org.id, request.id],
        )
    told = acme.obeyed(acme.olga, number, "/status")
    assert ("asked for this token" in told, "of course" in told) == (True, False)
    _, out, _ = cli("requests", "show", f"acme/{request.id}")
    marked = [line for line in out.splitlines() if line.endswith("(not in the audit log)")]
    assert [("of course" in line) for line in marked] == [True]
    status, out, _ = cli("audit", "verify")
    assert (status, "1 rows are not in the chain" in out) == (0, True)


def test_a_spreadsheet_computes_nothing(scene: Stage, acme: Cast, cli: Any) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/hold =1+1")
    said = "=HYPERLINK(1)\n\n/hold"
    acme.refused(acme.mia, number, said)
    status, out, _ = cli("audit", "export", "--format", "csv")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert f"'{said}" in [row["text"] for row in rows]
    assert "'=1+1" in [row["text"] for row in rows]
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_comment_moves_no_cursor(scene: Stage, acme: Cast, cli: Any) -> None:
    _, number = acme.asked()
    acme.obeyed(acme.olga, number, "/hold \x1b]0;owned\x07 wait")
    status, out, _ = cli("audit", "export", "--format", "csv")
    assert (status, "/hold  ]0;owned  wait" in out) == (0, True)
    assert "".join(out.splitlines()).isprintable()
    exact = [one["text"] for one in entries(cli)]
    assert "/hold \x1b]0;owned\x07 wait" in exact, "the signed form keeps every character"


def test_nothing_secret_is_in_the_log(scene: Stage, acme: Cast, cli: Any) -> None:
    approved(scene, acme)
    _, out, _ = cli("audit", "export", "--format", "jsonl")
    secrets = [scene.environ["WEBHOOK_SECRET"], *scene.gh.private_key_pem.splitlines()[1:-1]]
    secrets += ["ghp_", "ghs_", "BEGIN", (scene.folder / "bot.db.audit-key").read_text().strip()]
    assert not [secret for secret in secrets if secret in out]


def test_requests_are_listed_with_the_filters_of_githubs_page(
    scene: Stage, acme: Cast, cli: Any
) -> None:
    first, _ = acme.asked(name="wide", permissions={"repository": {"contents": "read"}})
    second, number = acme.asked(name="narrow", by=acme.otto, selection="all", repositories=[])
    acme.obeyed(acme.olga, number, "/deny too much")
    scene.idle()

    def names(*arguments: str) -> list[str]:
        status, out, _ = cli("requests", *arguments)
        assert status == 0
        return [line.split()[-1] for line in out.splitlines()]

    assert names() == names("list") == ["narrow", "wide"]
    assert names("--owner", acme.mia.login.upper()) == ["wide"]
    assert names("--state", "denied") == ["narrow"]
    assert names("--permission", "contents:read") == ["wide"]
    assert names("--permission", "contents") == ["narrow", "wide"]
    assert names("list", "--repository", "api", "--owner", acme.mia.login) == ["wide"]
    assert names("--limit", "1") == ["narrow"]
    assert names("--org", "ACME", "--state", "held") == []
    status, out, _ = cli("requests", "show", f"acme/{second.id}")
    assert status == 0
    assert f"denied by {acme.olga.login}: too much" in out
    assert cli("requests", "show", f"acme/{first.id + 999}")[0] == 1
