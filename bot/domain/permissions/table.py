"""Our data files beside this module: tab-separated, a line an entry, the first for the columns."""

from collections.abc import Iterator
from importlib.resources import files


def rows(name: str) -> Iterator[dict[str, str]]:
    """The entries of a data file, each as column → text."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    columns = header.split("\t")
    for line in lines:
        yield dict(zip(columns, line.split("\t"), strict=True))
