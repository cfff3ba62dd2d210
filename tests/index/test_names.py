"""A company is called as its own policy calls it."""

from pathlib import Path

import pytest

from index.names import company_name
from index.sources import parse_headed

ROOT = Path(__file__).parent.parent.parent
POLICIES = ROOT / "tests" / "data" / "policies"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("bellacor.com_2009-11-27.txt", "Bellacor"),
        ("bellacor.com_2012-10-23.txt", "Bellacor"),
        ("betseyjohnson.com_2006-12-20.txt", "Betsey Johnson"),
        ("helzberg.com_2011-10-07.txt", "Helzberg Diamonds"),
        ("lumens.com_2018-01-19.txt", "Lumens"),
    ],
)
def test_a_seed_is_called_as_people_call_the_company(file: str, name: str) -> None:
    assert parse_headed((ROOT / "seeds" / file).read_text("utf-8")).name == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("npmjs.com_2025-12-12.md", "npm"),  # the domain holds more than the name
        ("opencollective.com_2026-04-30.md", "Open Collective"),
        ("quora.com_2025-10-23.md", "Quora"),  # which mostly speaks of "the Quora Platform"
        ("twitch.tv_2026-08-13.md", "Twitch"),
        ("upscrolled.com_2026-07-27.md", "UpScrolled"),
        ("uptimerobot.com_2026-06-24.md", "UptimeRobot"),
    ],
)
def test_a_policy_without_a_header_gives_the_name_too(file: str, name: str) -> None:
    assert company_name(file.split("_")[0], "", (POLICIES / file).read_text("utf-8")) == name


@pytest.mark.parametrize(
    ("company", "title", "text", "name"),
    [
        pytest.param("zyzzyva.com", "", "We keep your data.", "Zyzzyva", id="never written"),
        pytest.param("acme-shop.com", "", "We keep your data.", "Acme-shop", id="with a dash"),
        pytest.param("acmehq.com", "", "Acme keeps it. Acme does not sell it.", "Acme", id="hq"),
        pytest.param("forestry.org", "", "It is kept for you, for a year.", "Forestry", id="for"),
        pytest.param("bellacor.com", "", "BELLACOR values your trust.", "Bellacor", id="shouted"),
        pytest.param("bsky.app", "", "Bluesky asks. " * 4 + "See bsky.", "Bluesky", id="shortened"),
        pytest.param("bsky.app", "", "Bluesky asks.", "Bsky", id="shortened, too seldom to trust"),
        pytest.param("ab.com", "", "About us. " * 9, "Ab", id="two letters shorten anything"),
        pytest.param("ibm.com", "", "IBM values your trust.", "IBM", id="initials"),
        pytest.param("acme.com", "Acme: Privacy", "We keep it.", "Acme", id="in the title only"),
        pytest.param(
            "bluenile.com", "", "Bluenile is a shop. Blue Nile sells.", "Blue Nile", id="two words"
        ),
        pytest.param("acme.com", "", "Acme Foods bakes. Acme sells.", "Acme", id="once followed"),
        pytest.param(
            "acme.com", "", "Acme Foods bakes. Acme Foods sells.", "Acme Foods", id="followed"
        ),
    ],
)
def test_a_name_is_read_off_the_domain_and_the_text(
    company: str, title: str, text: str, name: str
) -> None:
    assert company_name(company, title, text) == name
