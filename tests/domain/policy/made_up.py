"""Rules and requests that hypothesis makes up."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.domain.permissions import Danger
from bot.domain.policy.facts import UNREAD, Facts
from tests.domain.policy.asking import NOW, repositories, request

CONDITIONS = [
    *("", "expires: never", "expires: true", "lifetime: {at_most: 7d}", "renewal: true"),
    *("lifetime: {more_than: 7d}", "danger: {at_most: low}", "danger: {at_least: high}"),
    *("permissions: {any: ['*:write']}", "permissions: {only: ['*:read']}", "reason: missing"),
    *("repositories: {selection: all}", "repositories: {only: ['a*']}", "organizations: [acme]"),
    *("requester: {teams: [ops]}", "requester: {users: [anna]}", "reason: {at_least: 5}"),
    *("repositories: {visibility: public}", "repositories: {at_most: 1}"),
]
OUTCOMES = ["deny: no", "review: {}", "review: {approvals: 2}", "approve: {}", "approve: {for: 2d}"]
conditions = st.sampled_from(CONDITIONS)
rule_texts = st.builds(
    "when: {{{}}}{}, {}{}".format,
    conditions,
    st.just("") | conditions.map(", unless: {{{}}}".format),
    st.sampled_from(OUTCOMES),
    st.sampled_from(["", "", "", ", mode: shadow"]),
)
words = st.sampled_from(["contents", "secrets", "metadata", "brand_new", "members"])
levels = st.sampled_from(["read", "write", "admin", "own", ""])
groups = st.sampled_from(["repository", "organization", "other"])
anything: st.SearchStrategy[Facts] = st.builds(
    request,
    permissions=st.dictionaries(groups, st.dictionaries(words, levels, max_size=3), max_size=3),
    selection=st.sampled_from(["all", "subset", "none", "most"]),
    repositories=st.just(UNREAD) | st.sampled_from([(), repositories("acme/api", "acme/b")]),
    expires_at=st.none() | st.integers(-9, 400).map(lambda days: NOW + timedelta(days=days)),
    reason=st.none() | st.just(UNREAD) | st.text(max_size=8),
    teams=st.dictionaries(st.sampled_from(["ops", "dev"]), st.booleans()),
    danger=st.just(UNREAD) | st.sampled_from(list(Danger)),
    renewal=st.just(UNREAD) | st.booleans(),
    renewed_limit=st.none() | st.integers(1, 9).map(lambda days: timedelta(days=days)),
    organization=st.just(UNREAD) | st.sampled_from(["acme", "x"]),
    widens_limited_grant=st.just(UNREAD) | st.booleans(),
    adopted_by_requester=st.just(UNREAD) | st.booleans(),
)
rule_lists = st.lists(rule_texts, max_size=6)
