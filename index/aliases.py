"""``companies.csv`` in the store: which names and domains mean one company; edited by hand.

Each line is ``domain,name,other names``, the last parted by semicolons: ``facebook.com,Facebook,
Meta; fb.com``. Services of an archive and other domains that are named there become the domain's;
all names find the company in a question. `policychat index` reads the file at every run.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import UserError

FILE = "companies.csv"


@dataclass(frozen=True, slots=True)
class Aliases:
    """What the file says; empty where there is none."""

    domains: dict[str, str] = field(default_factory=dict)  # key of any name → company
    names: dict[str, str] = field(default_factory=dict)  # company → its name
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)  # company → other names

    def company(self, found: str) -> str:
        """The company that a source's domain or service (with its ``#type``) belongs to."""
        plain, mark, terms_type = found.partition("#")
        return self.domains.get(_key(plain), plain) + mark + terms_type


def read_aliases(store: Path) -> Aliases:
    """The aliases of a store. Raises UserError naming the line that is wrong."""
    path = store / FILE
    aliases = Aliases()
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        return aliases
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path} cannot be read as UTF-8; save it so") from None
    for number, row in enumerate(csv.reader(lines), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or cells[0] == "domain":
            continue
        if not cells[0] or len(cells) > 3:
            raise UserError(f"{path}, line {number}: write it as domain,name,other names")
        company, name, listed = (*cells, "", "")[:3]
        company = company.lower()
        others = tuple(other.strip() for other in listed.split(";") if other.strip())
        for alias in (company, name, *others):
            if alias and aliases.domains.setdefault(_key(alias), company) != company:
                raise UserError(f"{path}, line {number}: {alias!r} already means another company")
        if name:
            aliases.names[company] = name
        aliases.others[company] = others
    return aliases


def _key(name: str) -> str:
    return re.sub(r"\W+", "-", unicodedata.normalize("NFKC", name).lower()).strip("-")
