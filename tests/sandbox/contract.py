"""Is what was called, answered and delivered what GitHub's own descriptions allow?

Works where GitHub's OpenAPI descriptions are at hand: in a directory ``shared`` beside the
checkout, or where the environment's COUNTERSIGN_SHARED says. Elsewhere the checks return False.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot.sandbox import Call, Delivery, Sandbox

# What our slice of the descriptions leaves out, and what has the same shape.
SAME_SHAPE = {"issues-opened": "issues-reopened", "repository-unarchived": "repository-archived"}
BY_ID = "/repositories/{repository_id}"
FORMAT = "date-time"
"""The only one that is checked: GitHub's `uri` are templates at times."""


def check_calls(gh: Sandbox, *, requests: bool = True) -> bool:
    """Every call since the last check: operation, query, body (unless told otherwise), answer.

    AssertionError names the call, the path inside the JSON and the fault. False: nothing to check
    against.
    """
    if not _directory():
        return False
    for call in _unchecked(gh, "calls", gh.calls):
        operation = _operation(call)
        if requests:
            _check_query(call, operation)
            _check_request_body(call, operation)
        _check_answer(call, operation)
    return True


def check_deliveries(gh: Sandbox) -> bool:
    """Every delivery since the last check: payload, headers, signature."""
    if not _directory():
        return False
    for delivery in _unchecked(gh, "deliveries", gh.deliveries):
        _check_delivery(gh, delivery)
    return True


def _directory() -> Path | None:
    beside = Path(__file__).resolve().parents[2] / "../shared"
    place = Path(os.environ.get("COUNTERSIGN_SHARED") or beside) / "github"
    return place if (place / "api.github.com.json").exists() else None


def _unchecked(gh: Sandbox, kind: str, every: list[Any]) -> list[Any]:
    """Those that were not checked before; the mark stays with the sandbox."""
    checked = gh.__dict__.setdefault(f"_checked_{kind}", set())
    new = [one for one in list(every) if id(one) not in checked]
    checked.update(id(one) for one in new)
    gh.__dict__.setdefault("_kept", []).extend(new)  # an id is only unique while its owner lives
    return new


@functools.cache
def _description(name: str, version: str = "") -> dict[str, Any]:
    place = _directory()
    assert place
    described = _as_json_schema(json.loads((place / name).read_text()))
    for schema in described["components"]["schemas"].values():
        _renew(schema, version)
    if "paths" in described:
        _mend(described["paths"])
    return described


def _mend(paths: dict[str, Any]) -> None:
    """One answer's schema asks for an account that is a user and an enterprise at once.

    GitHub's own example of it fails too; what one installation answers is described rightly.
    """
    answer = paths["/app/installations"]["get"]["responses"]["200"]["content"]
    right = {"$ref": "#/components/schemas/installation"}
    answer["application/json"]["schema"]["items"] = right


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` in words that JSON Schema knows, wherever it stands."""
    if isinstance(node, list):
        return [_as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {
        name: _as_json_schema(one)
        for name, one in node.items()
        if name != "nullable" and not (name == "format" and isinstance(one, str) and one != FORMAT)
    }
    if node.get("nullable") is True:
        changes = plain.pop("x-github-breaking-changes", [])
        return {"anyOf": [{"type": "null"}, plain], "x-github-breaking-changes": changes}
    return plain


def _renew(schema: dict[str, Any], version: str) -> None:
    """What GitHub notes as removed in a later version (``x-github-breaking-changes``)."""
    target = schema["anyOf"][1] if "anyOf" in schema and "properties" not in schema else schema
    for change in schema.get("x-github-breaking-changes", ()):
        if change["version"] <= version and isinstance(change["patch"], dict):
            for name, new in change["patch"].get("properties", {}).items():
                if new is None or new.get("anyOf") == [{"type": "null"}, {}]:
                    target["properties"].pop(name, None)
                    required = target.get("required", [])
                    target["required"] = [one for one in required if one != name]


class Validator:
    """A schema. Most values fit, and jsonschema-rs says so quickly; what does not, jsonschema
    names.
    """

    def __init__(self, name: str, version: str, pointer: str) -> None:
        described, schema = _description(name, version), {"$ref": f"urn:github#{pointer}"}
        self._fits = jsonschema_rs.Draft202012Validator(
            schema, registry=_registry(name, version), validate_formats=True
        ).is_valid
        registry: Registry[Any] = Registry().with_resource(
            "urn:github", DRAFT202012.create_resource(described)
        )
        self._faults = Draft202012Validator(
            schema, registry=registry, format_checker=FormatChecker((FORMAT,))
        ).iter_errors

    def check(self, value: Any, what: str) -> None:
        """AssertionError, if the value does not fit."""
        if self._fits(value):
            return
        nearest = _nearest(next(self._faults(value)))
        raise AssertionError(f"{what}: at {nearest.json_path}: {nearest.message[-400:]}")


@functools.cache
def _registry(name: str, version: str) -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:github", _description(name, version))])


_validator = functools.cache(Validator)


def _pointer(*names: str) -> str:
    return "".join("/" + quote(one.replace("~", "~0").replace("/", "~1")) for one in names)


def _nearest(fault: ValidationError) -> ValidationError:
    """Of several alternatives, the fault in the one that fits best."""
    branches: dict[Any, list[ValidationError]] = {}
    for one in fault.context or ():
        branches.setdefault(one.schema_path[0], []).append(one)
    likely = [faults for faults in branches.values() if faults[0].validator_value != "null"]
    return _nearest(min(likely, key=len)[0]) if likely else fault


def _version(call: Call) -> str:
    return call.headers.get("x-github-api-version", "2022-11-28")


class Operation:
    """One operation of the description, as a call used it."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.path = str(call.template).replace(BY_ID, "/repos/{owner}/{repo}", 1)
        self.name, self.version = "api.github.com.json", _version(call)
        described = _description(self.name, self.version)
        found = described["paths"].get(self.path, {}).get(call.method.lower())
        assert found, f"{call.method} {call.path}: not an operation of GitHub's REST API"
        self.described: dict[str, Any] = found
        self.components: dict[str, Any] = described["components"]

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Query parameters by the name they have in an address: arrays end in ``[]``."""
        plain = [self._read(one) for one in self.described.get("parameters", [])]
        return {
            one["name"] + ("[]" if one["schema"].get("type") == "array" else ""): one["schema"]
            for one in plain
            if one["in"] == "query"
        }

    def _read(self, one: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in one:
            _, _, kind, name = one["$ref"].split("/")
            found: dict[str, Any] = self.components[kind][name]
            return found
        return one

    def validator(self, *inside: str) -> Validator:
        """The validator of a schema inside this operation."""
        return _validator(
            self.name, self.version, _pointer("paths", self.path, self.call.method.lower(), *inside)
        )

    def answer(self, status: int) -> tuple[bool, Validator | None]:
        """Whether the status is described, and its JSON's validator."""
        described = self.described["responses"].get(str(status))
        if described is None:
            return False, None
        content = self._read(described).get("content", {})
        if "application/json" not in content:
            return True, None
        json_schema = ("content", "application/json", "schema")
        if "$ref" in described:
            where = _pointer(*described["$ref"].split("/")[1:], *json_schema)
            return True, _validator(self.name, self.version, where)
        return True, self.validator("responses", str(status), *json_schema)


def _operation(call: Call) -> Operation:
    return Operation(call)


def _check_query(call: Call, operation: Operation) -> None:
    allowed = operation.parameters()
    for name, values in call.query.items():
        what = f"{call.method} {call.path}?{name}"
        assert name in allowed, f"{what}: not a parameter of this operation"
        schema = allowed[name]
        assert len(values) <= schema.get("maxItems", 1), f"{what}: too many values"
        for value in values:
            assert schema.get("type") != "integer" or value.isdecimal(), f"{what}: {value!r}"
            assert value in schema.get("enum", [value]), f"{what}: {value!r} is not allowed"


def _check_request_body(call: Call, operation: Operation) -> None:
    what = f"{call.method} {call.path} request"
    described = operation.described.get("requestBody")
    if call.request_body is None:
        assert not (described and described.get("required")), f"{what}: the body is missing"
        return
    assert described, f"{what}: this operation takes no body"
    inside = ("requestBody", "content", "application/json", "schema")
    operation.validator(*inside).check(call.request_body, what)
    schema = described["content"]["application/json"]["schema"]
    if "properties" in schema:
        unknown = set(call.request_body) - set(schema["properties"])
        assert not unknown, f"{what}: unknown {sorted(unknown)}"


def _check_answer(call: Call, operation: Operation) -> None:
    if call.status is None or call.odd:
        return  # the connection was closed on purpose, or rows are odd on purpose
    what = f"{call.method} {call.path} answer {call.status}"
    described, validator = operation.answer(call.status)
    if not described or (validator is None and call.status >= 400):
        # Statuses that any operation may answer, such as redirects, 401 and 5xx, are not listed;
        # some 404 are listed without the body that every refusal has.
        assert call.status in {301, 304, 307} or call.status >= 400, f"{what}: not described"
        validator = _validator(
            operation.name, operation.version, _pointer("components", "schemas", "basic-error")
        )
    if validator is None or call.status == 304:
        assert call.response_body is None, f"{what}: has a body"
    else:
        validator.check(call.response_body, what)


def _check_delivery(gh: Sandbox, delivery: Delivery) -> None:
    named = [delivery.event, *([delivery.action] if delivery.action else [])]  # push has none
    kind = "-".join(named).replace("_", "-")
    described = _description("webhooks.json")["webhooks"]
    same = SAME_SHAPE.get(kind, kind)
    assert same in described, f"delivery {kind}: GitHub sends no such thing"
    payload = delivery.json
    if same != kind:
        payload["action"] = same.rpartition("-")[2]
    inside = ("post", "requestBody", "content", "application/json", "schema")
    where = _pointer("webhooks", same, *inside)
    _validator("webhooks.json", "", where).check(payload, f"delivery {kind}")
    sent = {name.lower() for name in delivery.headers}
    for header in described[same]["post"]["parameters"]:
        assert header["name"].lower() in sent, f"delivery {kind}: no {header['name']}"
    signature = hmac.new(gh.webhook_secret.encode(), delivery.payload, hashlib.sha256).hexdigest()
    assert delivery.headers["X-Hub-Signature-256"] == f"sha256={signature}", f"delivery {kind}"
