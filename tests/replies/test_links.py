"""Where GitHub's own pages are."""

import pytest

from bot.replies.links import api_of, pages_of


@pytest.mark.parametrize(
    ("api", "pages"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://ghe.example/api/v3", "https://ghe.example"),
        ("https://ghe.example:8443/api/v3", "https://ghe.example:8443"),
        ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
    ],
)
def test_the_pages_are_where_the_api_is(api: str, pages: str) -> None:
    assert pages_of(api) == pages
    assert api_of(pages) == api


def test_the_local_github_links_to_githubs_own_pages() -> None:
    assert pages_of("http://127.0.0.1:3001") == "https://github.com"
