"""Pages of GitHub's list of grants, on both databases."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from bot.ports import KnownPage
from bot.storage import Store
from tests.domain.making import NOW
from tests.domain.tokens.making import make_known_grant

LATER = NOW + timedelta(days=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store.open(database_url, app_id=7)) as one:
        yield one


def test_a_page_is_kept_until_it_has_no_etag(store: Store) -> None:
    store.record.save_grants_page(1, 1, KnownPage('W/"a"', (31, 32)))
    store.record.save_grants_page(1, 1, KnownPage('W/"b"', (31,)))
    store.record.save_grants_page(1, 2, KnownPage('W/"c"', (33,)))
    store.record.save_grants_page(2, 1, KnownPage('W/"d"', ()))
    store.record.save_grants_page(1, 2, KnownPage("", (33,)))
    assert store.record.grants_pages(1) == {1: KnownPage('W/"b"', (31,))}


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_seen_unchanged_stands(store: Store, lost: bool) -> None:
    """A page of which the record lacks a grant is read again."""
    grants = [make_known_grant(id=number).grant for number in (31, 32)]
    store.record.save_grants(1, grants[: 1 if lost else 2], NOW)
    store.record.save_grants_page(1, 1, KnownPage('W/"a"', (31, 32)))
    store.record.note_missing_grants(1, [31], NOW)
    store.record.see_grants(1, 1, (31, 32), LATER)
    assert store.record.grants_unseen_since(1, LATER) == []
    assert not [one for one in store.record.known_grants(1) if one.missing_since]
    assert bool(store.record.grants_pages(1)) is not lost


@pytest.mark.parametrize("later", [None, NOW - timedelta(days=9), NOW])
def test_the_latest_use_is_kept_that_github_ever_told(store: Store, later: datetime | None) -> None:
    used = NOW - timedelta(days=1)
    for told in (used, later):
        store.record.save_grants(1, [make_known_grant(last_used_at=told).grant], NOW)
    (known,) = store.record.known_grants(1)
    assert known.grant.last_used_at == max(used, later or used)
