"""Policy files for the tests."""

from bot.domain.policy.loading import load
from bot.domain.policy.schema import PolicyFile

EXAMPLE = """\
# yaml-language-server: $schema=token-policy.schema.json
version: 1
mode: enforce
reviewers:
  security: {teams: [security], users: [octocat]}
rules:
  - name: no eternal tokens
    when: {expires: never}
    deny: Please ask again with an expiry of at most 90 days.
  - name: dangerous permissions
    when: {permissions: {any: ["administration:write", "organization_*:write"]}}
    review: {by: [owners], approvals: 2}
  - name: the security team looks at the rest
    when: {}
    unless: {danger: {at_most: low}}
    review: {by: [owners, security], for: 90d}
  - name: read-only tokens for a month
    when:
      permissions: {only: ["*:read"]}
      lifetime: {at_most: 30d}
      repositories: {selection: subset}
    approve: {}
examples:
  - name: a robot that wants everything for ever
    request: {permissions: {contents: write}, repositories: all, expires: never}
    outcome: deny
    rule: no eternal tokens
"""
"""The file of docs/policy.md's reference."""


def read(text: str) -> PolicyFile:
    """The policy of a text that has no mistakes."""
    loaded = load(text.encode())
    assert loaded.document is not None, loaded.problems
    return loaded.document


def policy(*rules: str, mode: str = "enforce", reviewers: str = "{}") -> PolicyFile:
    """A policy of these rules, each in flow style without its name: `when: {}, approve: {}`."""
    named = [f"  - {{name: rule {number}, {rule}}}" for number, rule in enumerate(rules)]
    head = f"version: 1\nmode: {mode}\nreviewers: {reviewers}\nrules:"
    return read("\n".join([head, *named]) if named else f"{head} []")
