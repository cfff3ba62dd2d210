"""Which companies a text names, and when it names one that is not in the index."""

from datetime import date
from pathlib import Path

import pytest

from chatbot.names import Names
from index.policy_index import open_index
from index.types import Company

BELLACOR, BETSEY, HELZBERG, LUMENS = (
    "bellacor.com",
    "betseyjohnson.com",
    "helzberg.com",
    "lumens.com",
)


@pytest.fixture(scope="module")
def names(store: Path) -> Names:
    policy_index = open_index(store)
    return Names(policy_index.companies.values(), policy_index.bm25.vocab_dict)


def company(domain: str, name: str) -> Company:
    return Company(domain, name, (date(2020, 1, 1),))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        pytest.param("how do I opt out of Lumens emails?", LUMENS, id="name"),
        pytest.param("LUMENS cookies", LUMENS, id="capitals"),
        pytest.param("does betsey johnson sell it", BETSEY, id="two-words"),
        pytest.param("betseyjohnson cookies", BETSEY, id="words-run-together"),
        pytest.param("Betsey-Johnson cookies", BETSEY, id="hyphen"),
        pytest.param("bella cor cookies", BELLACOR, id="a-space-too-many"),
        pytest.param("Helzberg Diamonds and my ring", HELZBERG, id="full-name"),
        pytest.param("helzberg keeps calling", HELZBERG, id="first-word-of-a-full-name"),
        pytest.param("what does lumens.com collect", LUMENS, id="domain"),
        pytest.param("what does www.lumens.com collect", LUMENS, id="domain-with-www"),
        pytest.param("https://www.lumens.com/privacy", LUMENS, id="address"),
        pytest.param("lumens.com's cookies", LUMENS, id="domain-possessive"),
        pytest.param("Lumens' cookies", LUMENS, id="possessive-after-s"),
        pytest.param("lumens’ cookies", LUMENS, id="curly-possessive-after-s"),
        pytest.param("bellacor's cookies", BELLACOR, id="possessive"),
        pytest.param("Bellacor’s cookies", BELLACOR, id="curly-possessive"),
        pytest.param("Betsey Johnson's cookies", BETSEY, id="possessive-of-two-words"),
        pytest.param("how come helzbergs website knows me", HELZBERG, id="without-apostrophe"),
        pytest.param("does betsy jonson know me", BETSEY, id="two-words-misspelt"),
        pytest.param("belacor cookies", BELLACOR, id="letter-left-out"),
        pytest.param("bellacorr cookies", BELLACOR, id="letter-doubled"),
        pytest.param("helzburg cookies", HELZBERG, id="wrong-vowel"),
    ],
)
def test_a_company_is_found_as_people_write_it(names: Names, text: str, domain: str) -> None:
    assert names.find(text).companies == ((domain,),)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("does Lumens sell", "Lumens"),
        ("are bellacor's cookies", "bellacor's"),
        ("on betseyjohnson.com today", "betseyjohnson.com"),
        ("does betsy jonson sell", "betsy jonson"),
    ],
)
def test_the_span_is_the_name_as_written(names: Names, text: str, written: str) -> None:
    ((start, end),) = names.find(text).spans
    assert text[start:end] == written


def test_several_companies_are_found_in_the_order_of_the_text(names: Names) -> None:
    found = names.find("do lumens, bellacor.com and Helzberg share?")
    assert found.companies == ((LUMENS,), (BELLACOR,), (HELZBERG,))


def test_a_company_named_twice_is_one_company(names: Names) -> None:
    found = names.find("Bellacor: does bellacor.com sell?")
    assert found.companies == ((BELLACOR,),)
    assert len(found.spans) == 2


@pytest.mark.parametrize(
    "text",
    [
        "is a human reading my emails",
        "what do humans see",
        "what do members get",
        "does anything get sold",
        "does anyone sell my data",
        "does it sell my data",
        "has everything been deleted",
        "will someone else see my home address?",
        "do diamonds track me",
        "does my wife's data get sold",
        "do their emails stop",
        "what about the site's cookies",
        "DO THEY SELL IT",
        "",
        "?!",
        "'s",
    ],
)
def test_common_words_are_no_company(names: Names, text: str) -> None:
    found = names.find(text)
    assert (found.companies, found.unknown) == ((), "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("what did they share in October 2012?", id="month"),
        pytest.param("on the 3rd of March 2012, did they sell it", id="month-after-a-day"),
        pytest.param("is my Social Security number stored?", id="social-security"),
        pytest.param("can California residents opt out?", id="state"),
        pytest.param("what about people's data?", id="people"),
    ],
)
def test_capitals_and_possessives_of_common_words_are_no_company(names: Names, text: str) -> None:
    found = names.find(text)
    assert (found.companies, found.unknown) == ((), "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("does walmart share my address", "walmart", id="in-small-letters"),
        pytest.param("Does Walmart share my address", "Walmart", id="in-capitals"),
        pytest.param("hey, is wayfair selling my data?", "wayfair", id="after-a-greeting"),
        pytest.param("what does wayfair.com collect", "wayfair.com", id="domain"),
        pytest.param("is it safe on www.wayfair.com?", "wayfair.com", id="domain-with-www"),
        pytest.param("what about amazon's cookies", "amazon", id="possessive"),
        pytest.param(
            "How do I stop Tiffany & Co. from mailing me?", "Tiffany & Co.", id="ampersand"
        ),
        pytest.param("How do I stop Tiffany from mailing me?", "Tiffany", id="capitalised"),
    ],
)
def test_a_name_that_is_not_in_the_index_is_reported(names: Names, text: str, name: str) -> None:
    found = names.find(text)
    assert found.companies == ()
    assert found.unknown == name


def test_a_known_name_beside_another_word_leaves_no_unknown_name(names: Names) -> None:
    found = names.find("does Lumens share my data with Facebook?")
    assert (found.companies, found.unknown) == (((LUMENS,),), "")


@pytest.mark.parametrize("text", ["does apple sell my data", "Apple's cookies"])
def test_two_companies_that_share_a_label_are_both_offered(text: str) -> None:
    apples = Names([company("apple.com", "Apple"), company("apple.org", "Apple")], ())
    assert apples.find(text).companies == (("apple.com", "apple.org"),)


def test_a_domain_tells_two_companies_that_share_a_label_apart() -> None:
    apples = Names([company("apple.com", "Apple"), company("apple.org", "Apple")], ())
    assert apples.find("does apple.org sell my data").companies == (("apple.org",),)


@pytest.mark.parametrize("name", ["Wix", "npm", "Gos"])
def test_a_short_name_counts_as_the_company_writes_it(name: str) -> None:
    found = Names([company("a-shop.com", name)], ()).find(f"what does {name} collect")
    assert found.companies == (("a-shop.com",),)


def test_a_short_name_is_no_company_when_written_otherwise() -> None:
    found = Names([company("is.com", "Is")], ()).find("what is collected")
    assert (found.companies, found.unknown) == ((), "")


def test_a_short_name_is_never_guessed() -> None:
    found = Names([company("ebay.com", "eBay")], ()).find("does a bay sell data")
    assert found.companies == ()


def test_a_short_name_is_found_by_its_domain() -> None:
    found = Names([company("is.com", "Is")], ()).find("what does is.com collect")
    assert found.companies == (("is.com",),)


def test_a_text_of_a_thousand_letters_names_nobody(names: Names) -> None:
    assert names.find("x" * 1000).companies == ()
