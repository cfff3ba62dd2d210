"""Addresses within the page: what stands behind ``#``, which no browser sends to a server.

``#q=…&company=…&as_of=…`` asks, ``#read=…&as_of=…&from=…&to=…`` opens a policy at a cited place,
``#changes=…&from=…&to=…`` sets two days side by side, ``#about`` tells what this is.
"""

from datetime import date
from urllib.parse import parse_qs, urlencode


def ask_link(question: str, company: str = "", day: str = "") -> str:
    """Reopen a question, with the company and day that were chosen for it."""
    return _link(q=question, company=company, as_of=day)


def read_link(company: str, day: str, start: int | None = None, end: int | None = None) -> str:
    """Open the policy of that day, at the characters from ``start`` to ``end`` where given."""
    return _link(read=company, as_of=day, **{"from": _text(start), "to": _text(end)})


def changes_link(company: str, first: str, second: str) -> str:
    """Compare two days of one company."""
    return _link(changes=company, **{"from": first, "to": second})


def read_address(address: str) -> dict[str, str]:
    """The fields of an address as it stands behind ``#``; the first of those that repeat."""
    try:
        fields = parse_qs(address.removeprefix("#"), max_num_fields=10)
    except ValueError:  # more fields than any of ours has
        return {}
    return {name: values[0] for name, values in fields.items()}


def day_of(text: str) -> date | None:
    """The day written YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def offset_of(text: str) -> int:
    """A place in a text; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _link(**fields: str) -> str:
    return "#" + urlencode({name: value for name, value in fields.items() if value})
