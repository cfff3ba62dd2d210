"""How things are said: dates, ages, lists, and the sentences that are not quotes."""

from collections.abc import Sequence
from datetime import date

LISTED = 6  # names; the rest are counted


def long_date(day: date | str) -> str:
    """``19 January 2018``."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {day:%B %Y}"


def age(day: date, today: date) -> str:
    """``8 years ago``: whole years, or months under two years, or days under two months."""
    days = (today - day).days
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    for number, unit in ((years, "year"), (months, "month"), (days, "day")):
        if number >= 2 or (unit == "day" and number == 1):
            return f"{number} {unit}{'s' if number != 1 else ''} ago"
    return "today"


def earliest(name: str, day: date) -> str:
    """That nothing is known of a company before its first policy here."""
    return f"The earliest {name} policy here is of {long_date(day)}; nothing is known before it."


def age_notice(
    day: date, today: date, *, actions: Sequence[str] = (), in_force: bool = False
) -> str:
    """How old the policy is, and what that means for the addresses that it prints."""
    if in_force:
        return f"Policy as of {long_date(day)}."
    notice = f"This is the policy as archived on {long_date(day)}, {age(day, today)}."
    if not actions:
        return notice
    what = "number" if set(actions) <= {"phone", "fax"} else "address"
    if len(actions) > 1:
        what = f"{what}s" if what == "number" else f"{what}es"
    return f"{notice} The {what} may have changed."


def listed(names: Sequence[str]) -> str:
    """``A, B and 3 more``; ``A and B``."""
    shown = list(names[:LISTED])
    if len(names) > LISTED:
        return f"{', '.join(shown)} and {len(names) - LISTED} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def possessive(name: str) -> str:
    """``Bellacor's``, ``Lumens'``."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def quoted(text: str) -> str:
    """``“text”``."""
    return f"“{text}”"
