"""What a quote prints to act by, and that nothing else is ever offered."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.actions import asks_for_password, find_actions
from chatbot.types import Action

SEEDS = Path(__file__).parents[2] / "seeds"
LUMENS = (SEEDS / "lumens.com_2018-01-19.txt").read_text("utf-8")
BELLACOR_2009 = (SEEDS / "bellacor.com_2009-11-27.txt").read_text("utf-8")
BELLACOR_2012 = (SEEDS / "bellacor.com_2012-10-23.txt").read_text("utf-8")
HELZBERG = (SEEDS / "helzberg.com_2011-10-07.txt").read_text("utf-8")
BETSEY = (SEEDS / "betseyjohnson.com_2006-12-20.txt").read_text("utf-8")
ARCHIVE = "https://web.archive.org/web/20121023151131id_"


def between(text: str, first: str, last: str) -> str:
    """The part of a policy from ``first`` to ``last``, both included."""
    start = text.index(first)
    return text[start : text.index(last, start) + len(last)]


def only(raw: str, kind: str) -> Action:
    """Take the one action of a kind that ``raw`` prints."""
    (action,) = [action for action in find_actions(raw, 1) if action.type == kind]
    return action


def fields(action: Action) -> dict[str, str]:
    """Read what a mailto: fills in."""
    assert action.href is not None
    return {key: value for key, (value,) in parse_qs(urlsplit(action.href).query).items()}


# E-mail


def test_the_prescribed_subject_is_filled_in() -> None:
    raw = between(LUMENS, "Lumens.com gives Customers the ability", "Lumens.com) .")
    action = only(raw, "email")
    assert action.href == "mailto:customerservice@Lumens.com?subject=Unsubscribe"
    assert action.text == "customerservice@Lumens.com"


def test_the_prescribed_message_is_filled_in() -> None:
    raw = between(BELLACOR_2009, "If you do not want your information shared", "preference to:")
    assert fields(only(raw, "email")) == {"body": "Do not share with affiliates"}


def test_a_message_prescribed_in_the_next_sentence_is_filled_in() -> None:
    raw = between(BELLACOR_2009, "You can unsubscribe at any time", "body of the message.")
    assert fields(only(raw, "email")) == {"body": "Do not email"}


@pytest.mark.parametrize(
    "words",
    [
        'type "STOP" in the subject line',
        'Type "STOP" in the subject line',
        "with “STOP” in the subject",
        "put STOP in the subject line",
        'reply with "STOP" included in the subject line',
        'Write "STOP" as the subject',
    ],
)
def test_a_subject_is_read_however_it_is_prescribed(words: str) -> None:
    assert fields(only(f"Write to help@shop.com. {words}.", "email")) == {"subject": "STOP"}


def test_an_address_without_prescribed_words_is_left_plain() -> None:
    raw = between(LUMENS, "If you prefer that we do not share", "lumens.com).")
    assert only(raw, "email").href == "mailto:customerservice@lumens.com"


def test_what_must_be_completed_is_left_open_and_never_a_password() -> None:
    raw = between(HELZBERG, "feel free to contact us at", "full name and address.")
    action = only(raw, "email")
    assert fields(action)["body"].split("\r\n") == [
        "Email address: [your email address]",
        "Full name: [your full name]",
        "Address: [your address]",
    ]


@pytest.mark.parametrize(
    "demand",
    [
        between(HELZBERG, "Please be sure to include your email", "address."),
        between(BETSEY, "Please be sure to include your email", "password."),
        "Please include your password.",
        "You must include your name, passcode and PIN.",
        "Include your user name and your password in the message.",
        "Write and enter your password in the subject line.",
        "Simply type “my password” in the subject line.",
        'Please state "password: hunter2" in the body of the message.',
        "Just put Password in the subject line.",
    ],
)
def test_no_message_ever_asks_for_a_password(demand: str) -> None:
    action = only(f"Write to help@shop.com. {demand}", "email")
    filled = unquote(action.href or "").lower()
    assert not any(secret in filled for secret in ("password", "passcode", "pin]"))


@pytest.mark.parametrize(
    "raw",
    [
        between(HELZBERG, "Please be sure to include your email", "address."),
        between(BETSEY, "Please be sure to include your email", "password."),
        "Please include your password.",
    ],
)
def test_a_demand_for_a_password_is_noticed(raw: str) -> None:
    assert asks_for_password(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "Please include your name and address.",
        "You log in with your password.",
        "We use a login name and password.",
        "",
    ],
)
def test_a_password_that_is_not_demanded_is_not_noticed(raw: str) -> None:
    assert not asks_for_password(raw)


def test_an_address_behind_a_label_is_found() -> None:
    raw = between(BELLACOR_2009, "[Customer Support](mailto:", "Bellacor.com)")
    assert only(raw, "email").text == "CustomerService@Bellacor.com"


def test_an_address_in_two_spellings_is_offered_once() -> None:
    assert only("Help@Shop.com, help@shop.com, [HELP@shop.com](mailto:help@shop.com)", "email")


def test_an_address_is_never_cut() -> None:
    assert [a.text for a in find_actions("Write to o'hara@shop.com.", 1)] in (
        [],
        ["o'hara@shop.com"],
    )


# Telephone and fax


@pytest.mark.parametrize(
    ("raw", "href", "text"),
    [
        ("just call 1-877-723-5522 , and one", "tel:+18777235522", "1-877-723-5522"),
        ("Customer Service at 877-445-4486 during", "tel:+18774454486", "877-445-4486"),
        ("Call (877) 445-4486.", "tel:+18774454486", "(877) 445-4486"),
        ("Call +44 20 7946 0958.", "tel:+442079460958", "+44 20 7946 0958"),
    ],
)
def test_a_telephone_number_can_be_called(raw: str, href: str, text: str) -> None:
    action = only(raw, "phone")
    assert (action.href, action.text) == (href, text)
    assert text in action.label


@pytest.mark.parametrize(
    "raw",
    [
        between(LUMENS, "Fax: 916", "1170"),
        "fax us at 916.273.1170",
        "by FAX 916.273.1170",
        "Facsimile: 916.273.1170",
    ],
)
def test_a_fax_number_is_copied_and_not_called(raw: str) -> None:
    (action,) = find_actions(raw, 1)
    assert (action.type, action.href, action.text) == ("fax", None, "916.273.1170")
    assert "fax" in action.label.lower()


def test_a_telephone_and_a_fax_number_side_by_side_are_told_apart() -> None:
    actions = find_actions("Fax: 916.273.1170, telephone: 877-445-4486", 1)
    assert [(action.type, action.text) for action in actions] == [
        ("fax", "916.273.1170"),
        ("phone", "877-445-4486"),
    ]


@pytest.mark.parametrize("raw", ["877-445-4486 or 877-445-4486", "877-445-4486 or (877) 445-4486"])
def test_a_number_printed_twice_is_offered_once(raw: str) -> None:
    assert only(raw, "phone").href == "tel:+18774454486"


@pytest.mark.parametrize(
    "raw",
    [
        "under the Act of 1998 (16 C.F.R. Part 312)",
        "between 2009-11-27 and 2012-10-23",
        "order 123456789012",
        "[here](http://a.com/8774454486)",
        "8 am - 5 pm CST, Monday - Friday",
    ],
)
def test_other_numbers_are_not_called(raw: str) -> None:
    assert not [action for action in find_actions(raw, 1) if action.type in ("phone", "fax")]


# Post


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        pytest.param(
            between(LUMENS, "Privacy and Security   \n", "95811"),
            "Privacy and Security, 2020 L Street, Suite LL10, Sacramento, CA 95811",
            id="lumens",
        ),
        pytest.param(
            between(BELLACOR_2009, "send a letter stating this", "55120"),
            "Bellacor.com, Inc. Customer Service, 2425 Enterprise Drive, Suite 900, "
            "Mendota Heights, MN 55120",
            id="bellacor-after-a-sentence",
        ),
        pytest.param(
            between(BELLACOR_2009, "* Mail: 2425", "55120"),
            "2425 Enterprise Drive, Suite 900, Mendota Heights, MN 55120",
            id="bellacor-after-a-label",
        ),
        pytest.param(
            "P.O. Box 12\nSpringfield, IL 62701-1234",
            "P.O. Box 12, Springfield, IL 62701-1234",
            id="box-and-long-zip",
        ),
    ],
)
def test_a_postal_address_is_copied(raw: str, address: str) -> None:
    action = only(raw, "post")
    assert (action.text, action.href) == (address, None)


def test_a_postal_address_holds_no_other_way_of_contact() -> None:
    raw = between(BELLACOR_2009, "* E-mail: [customerservice@bellacor.com]", "55120")
    assert only(raw, "post").text == "2425 Enterprise Drive, Suite 900, Mendota Heights, MN 55120"


def test_a_postal_address_within_a_sentence_is_copied_without_the_sentence() -> None:
    raw = "You may write to us at 2020 L Street, Suite LL10, Sacramento, CA 95811."
    texts = [action.text for action in find_actions(raw, 1)]
    assert texts in ([], ["2020 L Street, Suite LL10, Sacramento, CA 95811"])


def test_a_zip_code_alone_is_no_address() -> None:
    assert find_actions("those who live in CA 95811", 1) == [] == find_actions("CA 95811", 1)


# Links


@pytest.mark.parametrize(
    ("target", "href"),
    [
        pytest.param("http://a.com/out.asp", "http://a.com/out.asp", id="plain"),
        pytest.param(
            f"{ARCHIVE}/http%3A//a.com/out.cfm%3Fid%3D1", "http://a.com/out.cfm?id=1", id="archived"
        ),
        pytest.param(f"{ARCHIVE}/https://a.com/out", "https://a.com/out", id="archived-undecoded"),
        pytest.param(
            "http://web.archive.org/web/2012/http%3A//a.com/", "http://a.com/", id="short-stamp"
        ),
        pytest.param("http://a.com/a%20b", "http://a.com/a%20b", id="encoding-kept"),
    ],
)
def test_a_link_leads_to_the_companys_own_page(target: str, href: str) -> None:
    (action,) = find_actions(f"Please [click **here**]({target}).", 1)
    assert (action.type, action.href, action.text) == ("link", href, href)
    assert "click here" in action.label


def test_the_opt_out_form_of_bellacor_is_offered() -> None:
    raw = between(BELLACOR_2012, "If you do not want to receive marketing", ").")
    assert only(raw, "link").href == "http://www.bellacor.com/unsubscribe.cfm"


def test_the_archives_own_page_of_betsey_johnson_is_not_offered() -> None:
    assert find_actions(between(BETSEY, "Simply [**log into", "your information."), 1) == []


@pytest.mark.parametrize(
    "target",
    [
        "https://web.archive.org/store/os/login.aspx",
        "http://web.archive.org/",
        "https://WEB.ARCHIVE.ORG/save",
        f"{ARCHIVE}/https%3A//web.archive.org/about",
    ],
)
def test_the_archives_own_pages_are_never_offered(target: str) -> None:
    assert find_actions(f"[click here]({target})", 1) == []


def test_a_link_printed_twice_is_offered_once() -> None:
    assert only("[here](http://a.com/x) or [there](http://a.com/x)", "link").label.endswith("here”")


# Order, nothing, and hostile text


def test_actions_stand_in_the_order_of_the_text_and_point_to_their_citation() -> None:
    actions = find_actions(between(LUMENS, "Privacy and Security   \n", "1170"), 7)
    assert [action.type for action in actions] == ["post", "email", "fax"]
    assert {action.citation for action in actions} == {7}


@pytest.mark.parametrize(
    "raw",
    ["", "   ", "We do not sell it to others.", "www.bellacor.com", "@", "a@b", "Write to us."],
)
def test_a_text_without_any_offers_nothing(raw: str) -> None:
    assert find_actions(raw, 1) == []


def assert_harmless(actions: list[Action]) -> None:
    """No address but http(s), mailto and tel, and nothing in one that could end it early."""
    for action in actions:
        if action.href is None:
            continue
        assert urlsplit(action.href).scheme in ("http", "https", "mailto", "tel")
        assert action.href.isprintable(), repr(action.href)
        assert not set(action.href) & set(' "<>`\\'), action.href


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("[x](javascript:alert(1))", id="javascript"),
        pytest.param("[x](JaVaScRiPt:alert(1)//http://a.com)", id="javascript-in-capitals"),
        pytest.param("[x](data:text/html,<script>)", id="data"),
        pytest.param("[x](file:///etc/passwd)", id="file"),
        pytest.param(f"[x]({ARCHIVE}/javascript%3Aalert(1))", id="archived-javascript"),
        pytest.param(f"[x]({ARCHIVE}/http%3A//a.com/%0Ajavascript%3Aalert%281%29)", id="newline"),
        pytest.param(f"[x]({ARCHIVE}/http%3A//a.com/%22%3E%3Cscript%3E)", id="end-of-attribute"),
        pytest.param(f"[x]({ARCHIVE}/http%3A//a.com/a%20b)", id="space"),
        pytest.param(f"[x]({ARCHIVE}/http%3A//a.com/%00)", id="nul"),
        pytest.param("[x](http://a.com/\u202efdp.exe)", id="right-to-left"),
        pytest.param("[x](http://)", id="no-host"),
        pytest.param("[x](http://[bad/)", id="broken-host"),
        pytest.param("[x](http://a.com:99999999/)", id="port-out-of-range"),
        pytest.param("a@b.com\r\nBcc: evil@example.com", id="header-after-an-address"),
        pytest.param('a@b.com write "x\r\nBcc: e@e.com" in the subject', id="header-in-a-subject"),
        pytest.param('a@b.com write "x&bcc=e@e.com" in the subject', id="field-in-a-subject"),
        pytest.param("a@b.com?bcc=e@e.com", id="field-after-an-address"),
        pytest.param("a%0abcc:e@e.com", id="encoded-newline"),
        pytest.param("a@b.com include your x\r\ny&z", id="field-in-a-demand"),
        pytest.param("call 1-877-723-5522;ext=1,,javascript:1", id="after-a-number"),
    ],
)
def test_hostile_text_gives_no_hostile_address(raw: str) -> None:
    assert_harmless(find_actions(raw, 1))


def test_no_words_of_a_policy_add_a_field_to_a_message() -> None:
    raw = 'write "x&bcc=evil@e.com\r\nBcc: evil@e.com" in the subject line to a@b.com'
    for action in find_actions(raw, 1):
        assert set(fields(action)) == {"subject"}


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "[", "(", "@", "%", '"', "\n", "1 ", "1-", "a.", "a@", "a@b.", "1 A\n", "12345 "),
        *("include your ", 'type "', "with 'a' in ", "fax 1", "[x](http://", "CA 95811 "),
        "877-445-4486 ",
    ],
)
def test_ten_thousand_characters_give_no_hostile_address(piece: str) -> None:
    assert_harmless(find_actions((piece * 10_000)[:10_000], 1))


PIECES = st.sampled_from(
    [
        *(
            "[x](",
            "[",
            ")",
            "http://",
            "javascript:",
            f"{ARCHIVE}/",
            "%0A",
            "%22",
            "\r\n",
            " ",
            ",",
        ),
        *("a@b.com", "in the subject", 'write "', '"', "include your ", "1-877-723-5522"),
        "CA 95811",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=15).map("".join))
def test_no_text_gives_a_hostile_address(raw: str) -> None:
    assert_harmless(find_actions(raw, 1))


def test_recipients_that_a_link_would_add_are_not_offered() -> None:
    (action,) = find_actions("[help@shop.com](mailto:help@shop.com?bcc=evil@evil.com)", 1)
    assert action.text == "help@shop.com"
    assert "evil" not in (action.href or "")


# Written so as to be kept from robots, of other countries, and within sentences


@pytest.mark.parametrize(
    "raw",
    [
        "Write to privacy at shop dot com.",
        "Write to privacy [at] shop [dot] com.",
        "Write to privacy(at)shop.com.",
    ],
)
def test_an_address_spelt_out_is_read(raw: str) -> None:
    assert only(raw, "email").text == "privacy@shop.com"


@pytest.mark.parametrize("raw", ["to shop at www.shop.com", "e.g. `id@noreply.shop.com`"])
def test_what_only_looks_like_an_address_is_none(raw: str) -> None:
    assert not [action for action in find_actions(raw, 1) if action.type == "email"]


@pytest.mark.parametrize(
    ("raw", "href", "text"),
    [
        ("Ring us on 0117 496 0163.", "tel:01174960163", "0117 496 0163"),
        ("call +44 (0)20 7946 0958", "tel:+442079460958", "+44 (0)20 7946 0958"),
        ("Call 1-800-FLOWERS today", "tel:+18003569377", "1-800-FLOWERS"),
    ],
)
def test_numbers_of_home_and_of_letters_can_be_called(raw: str, href: str, text: str) -> None:
    action = only(raw, "phone")
    assert (action.href, action.text) == (href, text)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("send it by fax to 01584 496 0142", "fax"),
        ("questions: business office, 715-555-0110 (weekdays)", "phone"),
        ("fax us at (610) 555-0188, attention Guest Privacy", "fax"),
    ],
)
def test_a_number_is_what_stands_nearest_before_it(raw: str, kind: str) -> None:
    (action,) = find_actions(raw, 1)
    assert action.type == kind


def test_an_address_of_the_internet_is_no_number() -> None:
    assert find_actions("call log: 123.45.67.89 - 25/Mar", 1) == []


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (
            "call us or write to Acme, Attn: List Removal, 900 Calliope Street, 3rd Floor, New "
            "Orleans, LA 70130. Give your name.",
            "Acme, Attn: List Removal, 900 Calliope Street, 3rd Floor, New Orleans, LA 70130",
        ),
        (
            "To change a listing write to Directory Desk, P.O. Box 77, Pinehollow, WI 54999; the",
            "Directory Desk, P.O. Box 77, Pinehollow, WI 54999",
        ),
        (
            "complain to the Information Commissioner's Office, Wycliffe House, Water Lane, "
            "Wilmslow SK9 5AF, telephone 0303 123 1113.",
            "Information Commissioner's Office, Wycliffe House, Water Lane, Wilmslow SK9 5AF",
        ),
        (
            "Reddit Netherlands B.V.  \nLooiersgracht 43, 1016 VR Amsterdam  \nNetherlands",
            "Reddit Netherlands B.V., Looiersgracht 43, 1016 VR Amsterdam, Netherlands",
        ),
        (
            "Our officer is Maribel Oakes, Tapwren Inc., 1741 Granary Row, Halifax, NS B3J 2K9.",
            "Maribel Oakes, Tapwren Inc., 1741 Granary Row, Halifax, NS B3J 2K9",
        ),
        (
            "located at Gordon House, Barrow Street, Dublin 4, Ireland.",
            "Gordon House, Barrow Street, Dublin 4, Ireland",
        ),
        (
            "Acme Ltd, Jungfernstieg 1, 20095 Hamburg, Germany",
            "Acme Ltd, Jungfernstieg 1, 20095 Hamburg, Germany",
        ),
    ],
)
def test_addresses_of_other_countries_and_within_sentences(raw: str, address: str) -> None:
    assert only(raw, "post").text == address


@pytest.mark.parametrize(
    "raw",
    [
        "We keep data in the United States, Canada and Germany.",
        "registered in England, No. 1184420",
        "In 2009 Parliament passed 3 Acts, in the United Kingdom.",
    ],
)
def test_a_country_alone_is_no_address(raw: str) -> None:
    assert not [action for action in find_actions(raw, 1) if action.type == "post"]


@pytest.mark.parametrize(
    ("raw", "href"),
    [
        ("Opt out at https://shop.com/choices.", "https://shop.com/choices"),
        ("use www.aboutads.info/choices to opt out", "https://www.aboutads.info/choices"),
        ("please visit www.aboutads.info", "https://www.aboutads.info"),
    ],
)
def test_a_link_that_stands_in_the_text_is_read(raw: str, href: str) -> None:
    assert only(raw, "link").href == href
