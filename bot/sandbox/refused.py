"""How GitHub says no."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class Refused(Exception):  # noqa: N818  # an answer, not a fault
    """An answer other than success: a status, GitHub's message, and errors for a 422."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    @property
    def body(self) -> dict[str, Any]:
        """The JSON: ``basic-error``, or ``validation-error`` when there are errors."""
        errors = {"errors": self.errors} if self.errors is not None else {}
        rest = {"documentation_url": DOCS, "status": str(self.status)}
        return {"message": self.message, **errors, **rest}


def not_found() -> Refused:
    """404, also for what exists and must not be seen."""
    return Refused(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", **more: Any) -> Refused:
    """422 for one field; codes: missing_field, invalid, already_exists, custom."""
    error = {"resource": resource, "field": field, "code": code, **more}
    return Refused(422, "Validation Failed", [error])


def not_accessible(accepted: str = "") -> Refused:
    """403: a permission is missing; ``accepted`` goes to X-Accepted-GitHub-Permissions."""
    headers = {"x-accepted-github-permissions": accepted} if accepted else {}
    return Refused(403, "Resource not accessible by integration", None, headers)
