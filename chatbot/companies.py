"""The companies here: all of them, and all days of one."""

from itertools import groupby

from chatbot.bot import Chatbot
from chatbot.links import read_link
from chatbot.markup import attribute, escape, heard, local_link, time_markup
from chatbot.wording import long_date
from index.types import Company

LISTED = 200  # companies shown by name; the others are found by typing
UNFOLDED = 24  # days up to which a timeline is not folded
EACH_YEAR = 3  # years in a row without a copy that are shown one by one


def companies_markup(bot: Chatbot) -> str:
    """Every company with its days, each a link to its newest policy."""
    companies = bot.policies()
    rows = "".join(
        f'<li><p class="name">{local_link(read_link(one.company, ""), one.name)}</p>'
        f"<p><small>{escape(one.company)}</small></p>"
        f"<p><small>{_count(one)}{_days(one)}</small></p></li>"
        for one in companies[:LISTED]
    )
    return f'<ul class="companies">{rows}</ul>{and_more(len(companies))}'


def and_more(count: int) -> str:
    """How many companies are not listed; nothing when all are."""
    more = count - LISTED
    return f'<p class="lead">And {more:,} more; type a name above.</p>' if more > 0 else ""


def _count(company: Company) -> str:
    return f"{len(company.days):,} copies, " if len(company.days) > 2 else ""


def _days(company: Company) -> str:
    first, last = (time_markup(day.isoformat()) for day in (company.days[0], company.days[-1]))
    count = len(company.days)
    if count == 1:
        return first
    return f"{first} and {last}" if count == 2 else f"{first} to {last}"


def timeline_markup(company: Company, here: str) -> str:
    """All days of a company down a line of years, the day ``here`` told apart.

    Years between without a copy are there too, many in a row as one.
    """
    if len(company.days) == 1:
        return ""
    by_year = {year: list(days) for year, days in groupby(company.days, lambda day: day.year)}
    rows: list[str] = []
    last = company.days[0].year
    for year, days in by_year.items():
        empty = range(last + 1, year)
        spans = [str(one) for one in empty]
        if len(empty) > EACH_YEAR:
            spans = [f"{empty[0]}–{empty[-1]}"]
        rows += [f'<li class="none"><span class="year">{one}</span></li>' for one in spans]
        isos = [day.isoformat() for day in days]
        marks = "".join(f"<li>{_day(company, day, here)}</li>" for day in isos)
        kind = ' class="here"' if here in isos else ""
        rows.append(f'<li{kind}><span class="year">{year}</span><ol>{marks}</ol></li>')
        last = year
    count = f"{len(company.days):,} copies of this policy"
    if len(company.days) <= UNFOLDED:
        opening = f'<details class="copies" open><summary>{count}</summary>'
    else:
        opening = f'<details class="copies"><summary>{count} · {_days(company)}</summary>'
    return f'{opening}<ol class="timeline">{"".join(rows)}</ol></details>'


def _day(company: Company, day: str, here: str) -> str:
    short = long_date(day).removesuffix(f" {day[:4]}")
    shown = f'<time datetime="{day}">{short}{heard(day[:4])}</time>'
    if day == here:
        return f"<strong>{shown}{heard('is shown here')}</strong>"
    return f'<a href="{attribute(read_link(company.company, day))}">{shown}</a>'
