"""A scripted GitHub, and the API pointed at it."""

from collections.abc import Iterator
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.domain.accounts import AdminRepository, Organization
from bot.github.api import GitHubApi
from tests.github.scripted import FixedClock, FreeBudgets, ScriptedGitHub


@cache
def new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


@pytest.fixture(scope="session")
def private_key() -> str:
    return new_key()


@pytest.fixture
def script() -> Iterator[ScriptedGitHub]:
    one = ScriptedGitHub()
    yield one
    one.stop()


@pytest.fixture
def budgets() -> FreeBudgets:
    return FreeBudgets()


@pytest.fixture
def api(script: ScriptedGitHub, budgets: FreeBudgets, private_key: str) -> Iterator[GitHubApi]:
    one = GitHubApi(7, private_key, script.url, budgets, FixedClock())
    yield one
    one.close()


@pytest.fixture
def acme() -> Organization:
    return Organization(70001, "acme", 1)


@pytest.fixture
def repo() -> AdminRepository:
    return AdminRepository(81000, "acme/token-requests", True, False, True, 1)
