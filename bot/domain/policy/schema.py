"""The form of a policy file: every key, what it may hold, and nothing else.

POLICY.md's table of conditions is `Conditions`. `loading` says where an error stands.
"""

from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from bot.domain.policy.values import (
    DangerWord,
    Day,
    Denial,
    Expires,
    Glob,
    Level,
    Line,
    Login,
    Mode,
    Permission,
    PermissionName,
    Renewal,
    RepositoryName,
    ReviewerName,
    Selections,
    Slug,
    Some,
    Time,
    Version,
    Visibility,
    unexpected,
)
from bot.domain.policy.yaml_tree import Path

MOST_RULES = 200
MOST_EXAMPLES = 200
MOST_APPROVALS = 5
OWNERS = "owners"
"""The reviewers that always exist."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _OneOrMore(_Part):
    """A mapping in which at least one key must stand."""

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not self.model_fields_set:
            raise unexpected("at least one of: " + ", ".join(type(self).model_fields))
        return self


class Reviewers(_OneOrMore):
    """People by whom a request may be reviewed."""

    teams: Annotated[list[Slug], Some] = []
    users: Annotated[list[Login], Some] = []


class PermissionCondition(_OneOrMore):
    """About the token's resulting permissions."""

    any: Annotated[list[Permission], Some] | None = None
    all: Annotated[list[Permission], Some] | None = None
    only: Annotated[list[Permission], Some] | None = None


class RepositoryCondition(_OneOrMore):
    """About the repositories that the token reaches."""

    selection: Selections | None = None
    any: Annotated[list[Glob], Some] | None = None
    only: Annotated[list[Glob], Some] | None = None
    visibility: Visibility | None = None
    at_most: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class LifetimeCondition(_OneOrMore):
    """About the time from the request's creation to the token's expiry."""

    at_most: Time | None = None
    more_than: Time | None = None


class RequesterCondition(_OneOrMore):
    """About the person who asks: in one of the teams, or one of the users."""

    teams: Annotated[list[Slug], Some] = []
    users: Annotated[list[Login], Some] = []


class ReasonLength(_Part):
    """About how much reason is given."""

    at_least: Annotated[int, Field(ge=1, le=2048)]


class DangerCondition(_OneOrMore):
    """About the danger level of the decision card."""

    at_least: DangerWord | None = None
    at_most: DangerWord | None = None


def _word_or_mapping(value: object) -> str:
    return "<mapping>" if isinstance(value, dict | BaseModel) else "<word>"


ReasonCondition = Annotated[
    Annotated[Literal["missing"], Tag("<word>")] | Annotated[ReasonLength, Tag("<mapping>")],
    Discriminator(_word_or_mapping),
]


class Conditions(_Part):
    """All of them must hold."""

    permissions: PermissionCondition | None = None
    repositories: RepositoryCondition | None = None
    expires: Expires | None = None
    lifetime: LifetimeCondition | None = None
    requester: RequesterCondition | None = None
    reason: ReasonCondition | None = None
    danger: DangerCondition | None = None
    renewal: Renewal | None = None
    organizations: Annotated[list[Login], Some] | None = None


class Review(_Part):
    """Who has to approve, how many of them, and for how long at most."""

    by: Annotated[list[ReviewerName], Some] = [OWNERS]
    approvals: Annotated[int, Field(ge=1, le=MOST_APPROVALS)] = 1
    limit: Time | None = Field(default=None, alias="for")


class Approve(_Part):
    """Approves at once."""

    limit: Time | None = Field(default=None, alias="for")


_OUTCOMES = ("deny", "review", "approve")


class Rule(_Part):
    """One rule: when it applies, and the outcome that it asks for."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [outcome]} for outcome in _OUTCOMES]}
    )

    name: Line
    when: Conditions
    unless: Conditions | None = None
    deny: Denial | None = None
    review: Review | None = None
    approve: Approve | None = None
    mode: Mode | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _has_one_outcome(self) -> Self:
        if sum(getattr(self, outcome) is not None for outcome in _OUTCOMES) != 1:
            raise unexpected("exactly one of: deny, review, approve")
        return self

    @property
    def outcome(self) -> Literal["deny", "review", "approve"]:
        """What the rule asks for."""
        return "deny" if self.deny else "review" if self.review else "approve"


NamedVisibility = Annotated[dict[RepositoryName, Visibility], Field(min_length=1, max_length=200)]
NamedRepository = Annotated[
    Annotated[RepositoryName, Tag("<name>")] | Annotated[NamedVisibility, Tag("<mapping>")],
    Discriminator(lambda value: "<mapping>" if isinstance(value, dict) else "<name>"),
]


def _repositories_form(value: object) -> str:
    if isinstance(value, dict):
        return "<mapping>"
    return "<list>" if isinstance(value, list) else "<word>"


ExampleRepositories = Annotated[
    Annotated[Literal["all", "none"], Tag("<word>")]
    | Annotated[list[NamedRepository], Some, Tag("<list>")]
    | Annotated[NamedVisibility, Tag("<mapping>")],
    Discriminator(_repositories_form),
]
ExampleExpiry = Annotated[
    Annotated[Literal["never"], Tag("<never>")] | Annotated[Time, Tag("<time>")],
    Discriminator(lambda value: "<never>" if value == "never" else "<time>"),
]


class ExampleRequest(_Part):
    """A made-up request."""

    permissions: Annotated[dict[PermissionName, Level], Field(max_length=200)]
    repositories: ExampleRepositories | None = None
    expires: ExampleExpiry | None = None
    requester: Login = "someone"
    teams: list[Slug] = Field(default=[], max_length=200)
    reason: Annotated[str, Field(max_length=4096)] = "example"
    renewal: bool = False
    organization: Login | None = None


class Example(_Part):
    """A test that travels with the policy."""

    name: Line
    request: ExampleRequest
    outcome: Literal["deny", "review", "approve", "owners"]
    rule: Line | None = None


class GrantsPart(_Part):
    """Active tokens that are revoked without a person, once a digest has announced it."""

    revoke_when: Annotated[list[Literal["ownerless", "unused"]], Some]
    after: Time


class PolicyFile(_Part):
    """`.github/token-policy.yml`."""

    version: Version
    mode: Mode
    reviewers: Annotated[dict[ReviewerName, Reviewers], Field(max_length=200)] = {}
    rules: Annotated[list[Rule], Field(max_length=MOST_RULES)]
    grants: GrantsPart | None = None
    examples: Annotated[list[Example], Field(max_length=MOST_EXAMPLES)] = []


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a policy file, for editors. A key without a value is no way to omit it."""
    schema = PolicyFile.model_json_schema(by_alias=True)
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Token policy of Countersign",
    }
    return dict(_without_null(described))


def known_keys(path: Path) -> list[str]:
    """The keys that may stand in the mapping at this path of a file."""
    schema = _schema()
    parts = _branches(schema, schema)
    for step in path:
        inner = [_child(part, step) for part in parts]
        parts = [branch for part in inner if part for branch in _branches(schema, part)]
    return sorted({key for part in parts for key in part.get("properties", {})})


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _branches(schema: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    """The part itself, or what it refers to, or each of its choices."""
    if "$ref" in part:
        return _branches(schema, schema["$defs"][part["$ref"].rpartition("/")[2]])
    choices = part.get("anyOf", []) + part.get("oneOf", [])
    return [part] + [branch for choice in choices for branch in _branches(schema, choice)]


def _child(part: dict[str, Any], step: str | int) -> dict[str, Any] | None:
    more = part.get("items") if isinstance(step, int) else part.get("properties", {}).get(step)
    more = more or part.get("additionalProperties")
    return more if isinstance(more, dict) else None


def _without_null(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_null(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: _without_null(value)
        for key, value in part.items()
        if not (key == "default" and value is None)
    }
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        choices.remove({"type": "null"})
        if len(choices) == 1:
            del kept["anyOf"]
            kept.update(choices[0])
    return kept
