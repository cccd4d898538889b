"""The OpenAPI description of what the bot serves."""

from typing import Any

from bot import VERSION
from bot.web.webhook import GUID, LONGEST_NAME

_JSON = "application/json"
_NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_GUID = {"type": "string", "pattern": f"^{GUID}$"}
_REFUSALS = {
    "400": "The event or delivery header is missing or malformed. Or the body is cut short, is not"
    " a JSON object, or lacks the action or an id that the event must have.",
    "401": "The signature is missing or wrong.",
    "408": "The body did not arrive within ten seconds.",
    "411": "The Content-Length header is missing or malformed.",
    "413": "The body is larger than 25 MiB. Only Content-Length is read to know that.",
    "415": "The body is not JSON. Set the webhook's content type to application/json, on the App's"
    " settings page or with PATCH /app/hook/config.",
    "503": "The delivery cannot be stored now, or the store did not answer within nine seconds."
    " Redeliver it later. If it was stored after all, the answer is then `duplicate`.",
}


def describe(webhook_path: str) -> dict[str, Any]:
    """The document, with the webhook's path as it is set."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign",
            "version": VERSION,
            "description": "Reviews requests for fine-grained personal access tokens in issues.",
        },
        "paths": {
            webhook_path: {"post": _webhook()},
            "/": {"get": _get("A page for people.", "text/html", {"type": "string"})},
            "/healthz": {"get": _get("The process is alive.", _JSON, _ref("Health"))},
            "/readyz": {"get": _readiness()},
            "/metrics": {"get": _get("Prometheus text.", "text/plain", {"type": "string"})},
            "/openapi.json": {"get": _get("This description.", _JSON, {"type": "object"})},
        },
        "components": {"schemas": _schemas()},
    }


def _webhook() -> dict[str, Any]:
    stored = (
        "The delivery is stored on disk, was stored before, or is one that the bot does not use."
    )
    return {
        "summary": "Receive a webhook delivery from GitHub.",
        "description": "Checks run in this order: 411, 413, 408 or 400 for a body that does not"
        " arrive whole, 401, 415, 400.",
        "parameters": [
            _header("X-GitHub-Delivery", "The delivery's GUID.", _GUID),
            _header("X-GitHub-Event", "The event's name.", _NAME),
            _header(
                "X-Hub-Signature-256",
                "sha256= and the HMAC hex digest of the raw body.",
                {"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"},
            ),
        ],
        "requestBody": {"required": True, "content": {_JSON: {"schema": {"type": "object"}}}},
        "responses": {"202": _answer(stored, _JSON, _ref("Taken"))}
        | {status: _answer(why, _JSON, _ref("Error")) for status, why in _REFUSALS.items()},
    }


def _readiness() -> dict[str, Any]:
    operation = _get(
        "The store answers and a worker is alive, so the bot can record deliveries.",
        _JSON,
        _ref("Readiness"),
    )
    operation["responses"]["503"] = _answer(
        "Not ready. `reasons` says why.", _JSON, _ref("Readiness")
    )
    return operation


def _get(meaning: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"summary": meaning, "responses": {"200": _answer(meaning, media, schema)}}


def _answer(meaning: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {media: {"schema": schema}}}


def _header(name: str, meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": meaning,
        "schema": schema,
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Any]:
    count = {"type": "integer", "minimum": 0}
    sentences = {"type": "array", "items": {"type": "string"}}
    return {
        "Taken": _object(delivery=_GUID, status={"enum": ["accepted", "duplicate", "ignored"]}),
        "Error": _object(error={"type": "string"}),
        "Health": _object(status={"const": "alive"}),
        "Readiness": _object(
            status={"enum": ["ready", "not ready"]},
            reasons=sentences,
            warnings=sentences,
            organizations=count,
            unfit_admin_repositories=count,
            audit_log={"enum": ["signed", "unsigned", "broken", "unknown"]},
        ),
    }


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
