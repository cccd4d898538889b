"""Which operation a method and a path are; compiled once for all sandboxes of a process."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from bot.sandbox.rest import ROUTES
from bot.sandbox.rest.route import Route

NUMBER = re.compile(r"\{(\w+_id|issue_number)\}")
REST = re.compile(r"\{(path|name)\}$")  # may contain slashes
WORD = re.compile(r"\{(\w+)\}")


def find(method: str, path: str) -> tuple[Route | None, dict[str, Any]]:
    """The route and the path's parameters, numbers as such; None when there is no such operation.

    ``path`` is as it was sent, with its escapes; the parameters are without.
    The route's ``template`` is the form that was called.
    """
    for route, pattern, numbers in _compiled():
        match = pattern.fullmatch(path) if route.method == method else None
        if match:
            found: dict[str, Any] = match.groupdict()
            words = {name: unquote(word) for name, word in found.items()}
            return route, words | {name: int(words[name]) for name in numbers}
    return None, {}


@functools.cache
def _compiled() -> list[tuple[Route, re.Pattern[str], list[str]]]:
    return [
        (replace(route, template=template), _pattern(template), NUMBER.findall(template))
        for route in ROUTES
        for template in _templates(route.template)
    ]


def _pattern(template: str) -> re.Pattern[str]:
    numbered = NUMBER.sub(r"(?P<\1>[0-9]{1,18})", template)
    return re.compile(WORD.sub(r"(?P<\1>[^/]+)", REST.sub(r"(?P<\1>.+)", numbered)))


def _templates(template: str) -> list[str]:
    """The template, and the forms by id that GitHub serves besides."""
    forms = [template]
    if template.startswith("/repos/{owner}/{repo}"):
        by_id = "/repositories/{repository_id}"
        forms.append(template.replace("/repos/{owner}/{repo}", by_id, 1))
    if template.startswith("/orgs/{org}/personal-access-token"):
        forms.append(template.replace("/orgs/{org}", "/organizations/{organization_id}", 1))
    return forms
