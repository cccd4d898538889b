"""What strangers wrote, on an operator's terminal."""


def one_line(text: str) -> str:
    """One printable line: what a stranger wrote moves no cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
