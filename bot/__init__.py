"""Countersign: reviews of fine-grained personal access token requests, in GitHub issues."""

from typing import Final

VERSION: Final = "0.1.0"
