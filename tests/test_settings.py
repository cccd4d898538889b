"""Settings: what is taken, what is refused, and that no secret is ever shown."""

import base64
import re
import tomllib
import traceback
from datetime import time, timedelta
from functools import cache
from pathlib import Path

import certifi
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from bot.settings import Secret, Settings, SettingsError, load, load_for_setup
from bot.settings.table import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
SECRET = "it's between us"


@cache
def rsa_key(bits: int = 2048, password: bytes = b"") -> str:
    return pem(rsa.generate_private_key(65537, bits), password)


def pem(key, password: bytes = b"") -> str:
    locked = serialization.BestAvailableEncryption(password) if password else None
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        locked or serialization.NoEncryption(),
    ).decode()


def environment(**changes: str | None) -> dict[str, str]:
    given = {"APP_ID": "7", "PRIVATE_KEY": rsa_key(), "WEBHOOK_SECRET": SECRET} | changes
    return {name: text for name, text in given.items() if text is not None}


def settings(root: Path, **changes: str | None) -> Settings:
    return load(environment(**changes), root)


def refusal(root: Path, **changes: str | None) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(root, **changes)
    return str(caught.value)


def settings_file(root: Path, text: str) -> None:
    (root / "config").mkdir(exist_ok=True)
    (root / "config" / "settings.toml").write_text(text, encoding="utf-8")


# ------------------------------------------------------------------ defaults and sources


def test_defaults(tmp_path):
    got = settings(tmp_path)
    assert (got.app_id, got.host, got.port) == (7, "127.0.0.1", 3000)
    assert got.webhook_path == "/api/github/webhooks"
    assert got.github_api_url == "https://api.github.com"
    assert (got.admin_repo, got.hub_owner) == ("token-requests", None)
    assert (got.organizations, got.assignees) == (frozenset(), ())
    assert got.database_url.reveal() == f"sqlite:///{tmp_path}/var/bot.db"
    assert (got.digest_at, got.digest_timezone.key) == (time(9), "UTC")
    assert got.digest_days == frozenset(range(7))
    assert got.grants_at is None
    assert (got.sweep_minutes, got.content_limit) == (15, ((80, 60), (500, 3600)))
    assert (got.log_level, got.log_format) == ("info", "text")
    assert [secret.reveal() for secret in got.webhook_secrets] == [SECRET]


def test_the_environment_wins_over_dotenv_and_that_over_the_file(tmp_path):
    settings_file(tmp_path, 'HOST = "10.0.0.1"\nPORT = 1\nSWEEP_MINUTES = 7\n')
    (tmp_path / ".env").write_text("HOST=10.0.0.2\nPORT=2\n")
    got = settings(tmp_path, HOST="10.0.0.3")
    assert (got.host, got.port, got.sweep_minutes) == ("10.0.0.3", 2, 7)


def test_dotenv_takes_a_key_of_many_lines_and_leaves_dollars_alone(tmp_path):
    (tmp_path / ".env").write_text(f'PRIVATE_KEY="{rsa_key()}"\nWEBHOOK_SECRET="a${{HOME}}b"\n')
    got = settings(tmp_path, PRIVATE_KEY=None, WEBHOOK_SECRET=None)
    assert got.private_key.reveal() == rsa_key()
    assert got.webhook_secrets[0].reveal() == "a${HOME}b"


def test_the_file_knows_tomls_own_types_and_names_in_any_case(tmp_path):
    settings_file(tmp_path, 'digest_at = 07:30:00\nORGANIZATIONS = ["Acme", 42]\nPort = 80\n')
    got = settings(tmp_path)
    assert (got.digest_at, got.port) == (time(7, 30), 80)
    assert got.organizations == {"acme", 42}


def test_every_setting_can_come_from_a_file_of_its_own(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "port").write_text("81\n")
    got = settings(
        tmp_path,
        WEBHOOK_SECRET=None,
        WEBHOOK_SECRET_FILE=str(tmp_path / "secret"),
        PORT_FILE=str(tmp_path / "port"),
    )
    assert (got.webhook_secrets[0].reveal(), got.port) == (SECRET, 81)


def test_relative_paths_begin_at_the_apps_folder_wherever_it_is_started(tmp_path, monkeypatch):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
    (home / "key.pem").write_text(rsa_key())
    (home / "secret").write_text(SECRET)
    (home / "audit").write_text(base64.b64encode(b"k" * 32).decode())
    relative = {
        "PRIVATE_KEY": None,
        "PRIVATE_KEY_PATH": "key.pem",
        "WEBHOOK_SECRET": None,
        "WEBHOOK_SECRET_FILE": "secret",
        "AUDIT_KEY_PATH": "audit",
        "DATABASE_URL": "sqlite:///data/bot.db",
    }
    monkeypatch.chdir(elsewhere)
    for got in (
        settings(home, **relative),
        settings(tmp_path, COUNTERSIGN_HOME="../home", **relative),
    ):
        assert got.private_key.reveal() == rsa_key()
        assert got.webhook_secrets[0].reveal() == SECRET
        assert got.audit_key is not None
        assert got.database_url.reveal() in {
            f"sqlite:///{home}/data/bot.db",
            f"sqlite:///{elsewhere}/../home/data/bot.db",
        }


@pytest.mark.parametrize(
    "url",
    ["sqlite:////srv/bot.db", "postgresql+psycopg://bot@db/bot"],
)
def test_what_is_no_relative_path_stays(tmp_path, url):
    assert settings(tmp_path, DATABASE_URL=url).database_url.reveal() == url


def test_a_home_that_is_no_folder_is_named(tmp_path):
    said = refusal(tmp_path, COUNTERSIGN_HOME=str(tmp_path / "nowhere"))
    assert "COUNTERSIGN_HOME" in said
    assert "nowhere" in said


def test_kept_credentials_that_cannot_be_reached_are_named(tmp_path):
    (tmp_path / "var").symlink_to("x" * 300)  # whose name no file system takes
    for read in (load, load_for_setup):
        with pytest.raises(SettingsError, match="json cannot be read"):
            read({}, tmp_path)


def test_a_blank_value_counts_as_not_given(tmp_path):
    settings_file(tmp_path, 'ORGANIZATIONS = "acme"\n')
    got = settings(tmp_path, ORGANIZATIONS=" ", PORT="", WEBHOOK_SECRET_PREVIOUS="")
    assert got.organizations == {"acme"}, "a blank must never open the bot to everybody"
    assert (got.port, len(got.webhook_secrets)) == (3000, 1)


def test_an_empty_list_in_a_file_opens_the_bot_to_nobody(tmp_path):
    (tmp_path / "list").write_text("\n")
    said = refusal(tmp_path, ORGANIZATIONS_FILE="list")
    assert f"ORGANIZATIONS_FILE: the file '{tmp_path / 'list'}' is empty" in said


@pytest.mark.parametrize("line", ["ORGANIZATIONS: acme", 'ORGANIZATIONS="acme', "ORGANIZATIONS"])
def test_a_line_of_dotenv_that_says_nothing_is_refused_and_not_passed_over(tmp_path, line):
    (tmp_path / ".env").write_text(f"# mine\n\n{line}\nPORT=81\n")
    said = refusal(tmp_path)
    assert ".env: line 3 is not written as NAME=value" in said
    assert "acme" not in said, "it may be a secret"


@pytest.mark.parametrize("name", ["ORGANISATIONS", "organizations"])
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_misspelt_allowlist_is_refused_and_not_passed_over(tmp_path, where, name):
    """It would let everybody in. Only config/settings.toml takes small letters."""
    if where == ".env":
        (tmp_path / ".env").write_text(f"{name}=acme\nPOSTGRES_PASSWORD=x\n")
        said = refusal(tmp_path)
    else:
        said = refusal(tmp_path, **{name: "acme", "SECRET_KEY": "of another program"})
    assert f"{where}: there is no setting {name!r}; did you mean ORGANIZATIONS?" in said
    assert said.count("there is no setting") == 1


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_a_file_of_certificates_that_cannot_be_used_is_told_at_start(tmp_path, text):
    """Or each call of GitHub would fail, and deliveries be given up."""
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    assert f"- SSL_CERT_FILE '{path}' cannot be used" in refusal(tmp_path, SSL_CERT_FILE=str(path))
    with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
        load_for_setup({"SSL_CERT_FILE": str(path)}, tmp_path)


def test_the_certificates_of_ones_own_authority_are_taken(tmp_path):
    assert settings(tmp_path, SSL_CERT_FILE=certifi.where()).app_id == 7


def test_the_shipped_file_shows_every_setting_with_its_default(tmp_path):
    text = (ROOT / "config" / "settings.toml").read_text()
    assert tomllib.loads(text) == {}, "everything in it is commented out"
    shown = dict(re.findall(r"^# ([A-Z_]+) =(.*)$", text, re.MULTILINE))
    assert set(shown) | {"PRIVATE_KEY"} == {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        if setting.default is not None:
            value = tomllib.loads(f"it = {shown[setting.name]}")["it"]
            assert str(value) == setting.default, setting.name


# ------------------------------------------------------------------ single values

TAKEN = [
    ("WEBHOOK_PATH", "/hooks/", "webhook_path", "/hooks/"),
    (
        "GITHUB_API_URL",
        "https://ghe.example/api/v3/",
        "github_api_url",
        "https://ghe.example/api/v3",
    ),
    ("GITHUB_API_URL", "http://127.0.0.1:4000", "github_api_url", "http://127.0.0.1:4000"),
    ("GITHUB_API_URL", "http://[::1]:4000", "github_api_url", "http://[::1]:4000"),
    ("ORGANIZATIONS", "Acme, 42 ,globex", "organizations", {"acme", 42, "globex"}),
    ("ASSIGNEES", "anna,ben_corp", "assignees", ("anna", "ben_corp")),
    ("PORT", "0", "port", 0),
    ("PORT", " 65535 ", "port", 65535),
    ("HOST", "::1", "host", "::1"),
    ("DIGEST_AT", "23:59", "digest_at", time(23, 59)),
    ("GRANTS_AT", "04:30", "grants_at", time(4, 30)),
    ("DIGEST_DAYS", "mon-fri", "digest_days", {0, 1, 2, 3, 4}),
    ("DIGEST_DAYS", "Mon,wed,FRI", "digest_days", {0, 2, 4}),
    ("DIGEST_DAYS", "sat-mon", "digest_days", {5, 6, 0}),
    ("DIGEST_DAYS", "sun-sun", "digest_days", {6}),
    ("DIGEST_DAYS", "mon-tue,fri-sat", "digest_days", {0, 1, 4, 5}),
    ("SWEEP_MINUTES", "1440", "sweep_minutes", 1440),
    ("CONTENT_LIMIT", "5/1, 900/86400", "content_limit", ((5, 1), (900, 86400))),
    ("NOTIFY_AFTER", "3d", "notify_after", timedelta(days=3)),
    ("NOTIFY_NAMES", "ON", "notify_names", True),
    ("LOG_LEVEL", "WARN", "log_level", "warning"),
    ("LOG_LEVEL", "warning", "log_level", "warning"),
    ("LOG_FORMAT", "json", "log_format", "json"),
    ("PREFILLED_LINKS", "OFF", "prefilled_links", "off"),
]


WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    "url", ["https://in.example/x?token=s3cret", "http://127.0.0.1:1/", "http://localhost\n"]
)
def test_notifications_go_to_an_address_with_a_secret(tmp_path, url):
    got = settings(tmp_path, NOTIFY_URL=url, NOTIFY_SECRET=WHSEC)
    assert got.notify_url.reveal() == url.strip()
    assert got.notify_secret.reveal() == WHSEC
    assert "s3cret" not in repr(got)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"NOTIFY_URL": "https://s3cret.example"}, "NOTIFY_SECRET is missing"),
        ({"NOTIFY_SECRET": WHSEC}, "NOTIFY_URL is missing"),
        ({"NOTIFY_URL": "http://s3cret.example", "NOTIFY_SECRET": WHSEC}, "https://"),
        ({"NOTIFY_URL": "https://me:s3cret@x.example", "NOTIFY_SECRET": WHSEC}, "a user"),
        ({"NOTIFY_URL": "https://x.example:s3cret", "NOTIFY_SECRET": WHSEC}, "no address"),
        ({"NOTIFY_URL": "https://x.example:0/s3cret", "NOTIFY_SECRET": WHSEC}, "no address"),
        ({"NOTIFY_URL": "https://x.example/a s3cret", "NOTIFY_SECRET": WHSEC}, "no address"),
        ({"NOTIFY_URL": "https://x.example", "NOTIFY_SECRET": "s3cret"}, "whsec_ and base64"),
        ({"NOTIFY_URL": "https://x.example", "NOTIFY_SECRET": "whsec_s3cret"}, "24 to 64"),
        ({"NOTIFY_AFTER": "soon"}, "a time such as 12h"),
        ({"NOTIFY_NAMES": "yes"}, "on or off"),
    ],
)
def test_wrong_settings_of_notifications_are_told_without_the_secret(tmp_path, given, said):
    with pytest.raises(SettingsError) as error:
        settings(tmp_path, **given)
    assert said in str(error.value)
    assert "s3cret" not in str(error.value)
    assert str(error.value).count("\n  - ") == 1


@pytest.mark.parametrize(("name", "text", "field", "value"), TAKEN)
def test_a_value_is_taken(tmp_path, name, text, field, value):
    assert getattr(settings(tmp_path, **{name: text}), field) == value


REFUSED = [
    ("APP_ID", "seven", "a number"),
    ("APP_ID", "0", "a number"),
    ("WEBHOOK_PATH", "hooks", "a path"),
    ("WEBHOOK_PATH", "/", "a path"),
    ("WEBHOOK_PATH", "/healthz", "own pages"),
    ("WEBHOOK_PATH", "/<string:x>", "a path"),
    ("GITHUB_API_URL", "http://api.github.com", "https://"),
    ("GITHUB_API_URL", "http://127.0.0.1.evil.example", "https://"),
    ("GITHUB_API_URL", "https://user:pw@ghe.example/api/v3", "https://"),
    ("GITHUB_API_URL", "ftp://localhost", "https://"),
    ("GITHUB_API_URL", "http://[::1", "https://"),
    ("GITHUB_API_URL", "https://ghe.example:port/api/v3", "https://"),
    ("GITHUB_API_URL", "https://ghe.example:99999/api/v3", "https://"),
    ("GITHUB_API_URL", "https://ghe.example/api/v3?", "https://"),
    ("GITHUB_API_URL", "https://ghe.example/api v3", "https://"),
    ("GITHUB_API_URL", "https://github.com", "https://api.github.com"),
    ("ADMIN_REPO", "a/b/c", "repository"),
    ("ADMIN_REPO", "..", "repository"),
    ("ADMIN_REPO", "acme/", "repository"),
    ("ADMIN_REPO", "token requests", "repository"),
    ("ORGANIZATIONS", "acme, -x", "logins"),
    ("ORGANIZATIONS", "²", "logins"),
    ("ORGANIZATIONS", " , ", "logins"),
    ("ASSIGNEES", "@anna", "without @"),
    ("ASSIGNEES", ",".join("abcdefghijk"), "at most 10"),
    ("DATABASE_URL", "mysql://root@host/bot", "sqlite"),
    ("DATABASE_URL", "sqlite://", "sqlite"),
    ("DATABASE_URL", "sqlite:///:memory:", "sqlite"),
    ("HOST", "a b", "address"),
    ("PORT", "65536", "1 to 65535"),
    ("PORT", "-1", "1 to 65535"),
    ("PORT", "٣", "1 to 65535"),
    ("DIGEST_AT", "24:00", "HH:MM"),
    ("DIGEST_AT", "9", "HH:MM"),
    ("GRANTS_AT", "9am", "HH:MM"),
    ("DIGEST_TIMEZONE", "Europe/Berlim", "did you mean Europe/Berlin?"),
    ("DIGEST_TIMEZONE", "Europe", "a time zone"),
    ("DIGEST_TIMEZONE", "../../etc/passwd", "a time zone"),
    ("DIGEST_DAYS", "monday", "weekdays"),
    ("DIGEST_DAYS", "mon-", "weekdays"),
    ("DIGEST_DAYS", ",", "weekdays"),
    ("SWEEP_MINUTES", "0", "1 to 1440"),
    ("SWEEP_MINUTES", "1.5", "1 to 1440"),
    ("CONTENT_LIMIT", "80", "CALLS/SECONDS"),
    ("CONTENT_LIMIT", "0/60", "CALLS/SECONDS"),
    ("CONTENT_LIMIT", "80/60,x", "CALLS/SECONDS"),
    ("LOG_LEVEL", "loud", "debug, info, warning or error"),
    ("LOG_FORMAT", "xml", "text or json"),
    ("PREFILLED_LINKS", "maybe", "on or off"),
]


@pytest.mark.parametrize(("name", "text", "expected"), REFUSED)
def test_a_value_is_refused_by_name_with_what_is_expected(tmp_path, name, text, expected):
    said = refusal(tmp_path, **{name: text})
    assert f"- {name} " in said
    assert expected in said


PG = "postgresql+psycopg://"

DATABASES_TAKEN = [
    "sqlite:////var/lib/it is here/bot.db",
    "postgresql://db/bot",
    f"{PG}bot@db.example:5432/bot",
    f"{PG}bot:p%40ss%3A/w#rd@db-1.example/bot",
    f"{PG}bot:pw@[::1]:5432/bot?sslmode=require&connect_timeout=3",
    f"{PG}bot:@/bot?host=/var/run/postgresql",
]


@pytest.mark.parametrize("url", DATABASES_TAKEN)
def test_a_database_is_taken(tmp_path, url):
    assert settings(tmp_path, DATABASE_URL=url).database_url.reveal() == url


DATABASES_REFUSED = [
    "mysql://root:hunter2@host/bot",
    f"{PG}bot:Tr0ub@dor:hunter2@db.example/x",
    f"{PG}bot:Tr0ub@hunter2@db.example/x",
    f"{PG}bot:Tr0ub@dor/hunter2@db.example/x",
    f"{PG}bot:Tr0ub@127.0.0.1:hunter2/x",
    f"{PG}bot:Tr0ub@127.0.0.1:99999/x",
    f"{PG}bot:Tr0ub%00hunter2@db/x",
    "sqlite:////tmp/hunter2%00/bot.db",
    f"{PG}bot:Tr0ub@[::1/hunter2",
    f"{PG}bot:Tr0ub@[hunter2]/x",
    f"{PG}bot:Tr0ub@db/x?hunter2=bar",
    f"{PG}db:5432/x?password=Tr0ub@hunter2",
    "postgresql+hunter2://bot:Tr0ub@db/x",
    "sqlite:///bot.db?hunter2=bar",
]


@pytest.mark.parametrize("url", DATABASES_REFUSED)
def test_a_database_is_refused_and_nothing_of_it_is_quoted(tmp_path, url):
    said = refusal(tmp_path, DATABASE_URL=url)
    assert "- DATABASE_URL (from the environment) does not fit" in said
    assert "percent-encoded" in said
    for part in ("hunter2", "Tr0ub", "dor", "x?", "127.0.0.1"):
        assert part not in said


# ------------------------------------------------------------------ the private key

FORMS = {
    "PEM": rsa_key,
    "PEM with literal newlines": lambda: rsa_key().replace("\n", "\\n"),
    "base64 of PEM": lambda: base64.b64encode(rsa_key().encode()).decode(),
    "base64 in lines": lambda: base64.encodebytes(rsa_key().encode()).decode(),
    "PEM of Windows": lambda: rsa_key().replace("\n", "\r\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_private_key_is_taken_in_each_form(tmp_path, form):
    got = settings(tmp_path, PRIVATE_KEY=FORMS[form]()).private_key.reveal()
    assert got.split() == rsa_key().split()


def test_a_private_key_is_read_from_its_path(tmp_path):
    (tmp_path / "key.pem").write_text(rsa_key())
    got = settings(tmp_path, PRIVATE_KEY=None, PRIVATE_KEY_PATH=str(tmp_path / "key.pem"))
    assert got.private_key.reveal() == rsa_key()


BAD_KEYS = {
    "1024 bits": (lambda: rsa_key(1024), "at least 2048 bits"),
    "elliptic": (lambda: pem(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
    "with a password": (lambda: rsa_key(2048, b"pw"), "password"),
    "cut": (lambda: rsa_key()[:900], "was it cut?"),
    "no key": (lambda: "MIIEowIBAAKC", "neither PEM nor base64"),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_a_private_key_is_refused_without_being_quoted(tmp_path, kind):
    key, cause = BAD_KEYS[kind][0](), BAD_KEYS[kind][1]
    said = refusal(tmp_path, PRIVATE_KEY=key)
    assert "PRIVATE_KEY (from the environment) does not fit: it" in said
    assert cause in said
    assert not any(line in said for line in key.split("\n") if len(line) > 8)


AUDIT_KEY = base64.b64encode(bytes(range(32))).decode()


def test_the_audit_logs_key_is_taken_and_hidden(tmp_path):
    assert settings(tmp_path).audit_key is None
    got = settings(tmp_path, AUDIT_KEY=f" {AUDIT_KEY}\n")
    assert got.audit_key == Secret(AUDIT_KEY)
    assert AUDIT_KEY not in repr(got)
    (tmp_path / "audit.key").write_text(AUDIT_KEY + "\n")
    assert settings(tmp_path, AUDIT_KEY_PATH=str(tmp_path / "audit.key")) == got
    both = refusal(tmp_path, AUDIT_KEY=AUDIT_KEY, AUDIT_KEY_PATH=str(tmp_path / "audit.key"))
    assert "AUDIT_KEY_PATH are both given" in both


@pytest.mark.parametrize("text", [AUDIT_KEY[:-4], AUDIT_KEY + "AAAA", "no base64", rsa_key()])
def test_what_is_no_key_of_the_audit_log_is_refused_without_being_quoted(tmp_path, text):
    said = refusal(tmp_path, AUDIT_KEY=text)
    assert "base64 of 32 bytes" in said
    assert "audit key --new" in said
    assert text[:20] not in said


# ------------------------------------------------------------------ refusals as a whole


def test_all_problems_are_listed_at_once(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load({"PORT": "x", "LOG_LEVEL": "y"}, tmp_path)
    said = str(caught.value)
    for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET", "PORT", "LOG_LEVEL"):
        assert f"- {name} " in said
    for where in (tmp_path / ".env", tmp_path / "config/settings.toml"):
        assert str(where) in said
    for way in ("COUNTERSIGN_HOME", f"var/credentials.json of a set-up in {tmp_path}", "serve"):
        assert way in said


def test_where_something_of_the_app_is_given_no_other_folder_is_guessed(tmp_path):
    assert "COUNTERSIGN_HOME" not in refusal(tmp_path, WEBHOOK_SECRET=None)


@pytest.mark.parametrize("name", ["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"])
@pytest.mark.parametrize("text", [None, "", "  "])
def test_what_is_required_may_not_be_missing_or_blank(tmp_path, name, text):
    assert f"- {name} is missing" in refusal(tmp_path, **{name: text})


def test_an_empty_secret_in_a_file_is_refused(tmp_path):
    (tmp_path / "secret").write_text("\n")
    said = refusal(tmp_path, WEBHOOK_SECRET=None, WEBHOOK_SECRET_FILE=str(tmp_path / "secret"))
    assert "- WEBHOOK_SECRET_FILE: the file" in said
    assert "is empty" in said
    assert said.count("  - ") == 1


def test_two_ways_to_give_the_same_are_refused(tmp_path):
    (tmp_path / "it").write_text("1")
    it = str(tmp_path / "it")
    assert "APP_ID and APP_ID_FILE are both in the environment" in refusal(tmp_path, APP_ID_FILE=it)
    assert "PRIVATE_KEY_PATH are both given" in refusal(tmp_path, PRIVATE_KEY_PATH=it)


def test_a_file_that_cannot_be_read_is_named_once(tmp_path):
    missing = str(tmp_path / "missing")
    for changes in (
        {"WEBHOOK_SECRET": None, "WEBHOOK_SECRET_FILE": missing},
        {"PRIVATE_KEY": None, "PRIVATE_KEY_PATH": missing},
        {"PRIVATE_KEY": None, "PRIVATE_KEY_PATH_FILE": missing},
    ):
        said = refusal(tmp_path, **changes)
        assert missing in said
        assert said.count("  - ") == 1


def test_a_shared_repository_needs_to_know_its_organizations(tmp_path):
    assert "- ORGANIZATIONS is missing" in refusal(tmp_path, ADMIN_REPO="Hub/reviews")
    assert "- ORGANIZATIONS ','" in refusal(tmp_path, ADMIN_REPO="Hub/reviews", ORGANIZATIONS=",")
    assert settings(tmp_path, ADMIN_REPO="Hub/reviews", ORGANIZATIONS="acme").hub_owner == "hub"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('DIGSET_AT = "09:00"', "there is no setting 'DIGSET_AT'; did you mean DIGEST_AT?"),
        ("[digest]\nat = 1", "there is no setting 'digest'"),
        ("colour = 1", "there is no setting 'colour'."),
        ("PORT = true", "PORT should be text in quotes, a number or a list"),
        ("PORT = 1\nport = 2", "PORT is given twice"),
        ("PORT = ", "config/settings.toml cannot be read: Invalid value (at end of document)"),
    ],
)
def test_the_file_is_read_strictly(tmp_path, text, said):
    settings_file(tmp_path, text)
    assert said in refusal(tmp_path)


# ------------------------------------------------------------------ who may come, what is hidden


def test_organizations_are_allowed_by_login_or_id_and_digits_are_never_a_login(tmp_path):
    assert settings(tmp_path).allows(1, "anybody")
    some = settings(tmp_path, ORGANIZATIONS="Acme,42")
    assert some.allows(1, "ACME")
    assert some.allows(42, "renamed")
    assert not some.allows(1, "globex")
    assert not some.allows(1, "42")


def test_secrets_are_in_no_repr_and_no_traceback(tmp_path):
    url = "postgresql+psycopg://bot:hunter2@db/bot"
    got = settings(tmp_path, WEBHOOK_SECRET_PREVIOUS="older", DATABASE_URL=url)
    shown = f"{got} {got!r} {got.private_key} {got.webhook_secrets} {got.database_url!s}"
    shown += "".join(traceback.format_exception(RuntimeError(got)))
    for hidden in (SECRET, "older", "hunter2", "BEGIN", rsa_key().split("\n")[1]):
        assert hidden not in shown
    assert got.webhook_secrets == (Secret(SECRET), Secret("older"))
