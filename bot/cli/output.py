"""stdout and stderr that nobody may be reading any more: `app.py … | head -1`, a full disk."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class _Output(io.FileIO):
    """Where writing never fails: a command ends as it would with all of it read."""

    trouble: OSError | None = None
    """Why something is missing that somebody would have read."""

    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type] # any buffer
        except BrokenPipeError:
            pass
        except OSError as error:
            self.trouble = error
        return memoryview(data).nbytes  # type: ignore[arg-type]


@contextmanager
def patient() -> Iterator[None]:
    """Have stdout and stderr take everything; the process ends with 1 when stdout lost some."""
    out, sys.stdout = _opened(sys.stdout, 1)
    _, sys.stderr = _opened(sys.stderr, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        if out.trouble:
            sys.exit(f"The output could not be written: {out.trouble.strerror}.")


def _opened(stream: TextIO | None, number: int) -> tuple[_Output, TextIO]:
    if stream is None:  # closed by who started us: the next file opened would get its number
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    file = _Output(number, "w", closefd=False)
    text = io.TextIOWrapper(
        io.BufferedWriter(file),
        stream.encoding if stream else "utf-8",
        "backslashreplace",
        line_buffering=bool(stream and stream.line_buffering),
    )
    return file, text
