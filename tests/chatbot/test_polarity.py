"""Whether a sentence says yes or no; a wrong word is worse than none."""

import pytest

from chatbot.opposites import directions, parts
from chatbot.polarity import polarity, reading
from chatbot.polarity_signs import main_question


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("do they use cookies?", "We use cookies in order to improve your shopping experience."),
        (
            "may it share information with affiliates?",
            "Inc. may share information with affiliates.",
        ),
        ("can I refuse cookies?", "You can refuse cookies by turning them off in your browser."),
        (
            "do they use cookies?",
            "We use cookies but do not store personally identifiable information in your cookie.",
        ),
        (
            "is it true that they do not sell information?",
            "We do not sell information to others.",
        ),
    ],
)
def test_a_sentence_says_yes(asked: str, sentence: str) -> None:
    assert polarity(asked, sentence) == "yes"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param(
            "does it sell my information",
            "Information about our customers is an important part of our business, and we do not "
            "sell it to others.",
            id="do-not",
        ),
        pytest.param(
            "do they sell my email address",
            "It does not sell, rent or trade your email address with third parties.",
            id="does-not",
        ),
        pytest.param(
            "would it ever email me my credit card number",
            "It is our policy to never send private information, such as your credit card number, "
            "via email.",
            id="never",
        ),
        pytest.param(
            "do they collect information from children under 13",
            "We neither collect nor maintain information at our site from those actually known to "
            "be under the age of 13.",
            id="neither-nor",
        ),
        pytest.param(
            "do they rent their mailing list",
            "It is our policy not to rent our mailing list to anyone or any company - without "
            "exception!",
            id="not-to",
        ),
        pytest.param("do they sell data", "They don't sell data.", id="don't"),
        pytest.param("do they sell data", "They don’t sell data.", id="curly-don't"),
        pytest.param("can they sell data", "They cannot sell data.", id="cannot"),
        pytest.param("do they sell data", "WE DO NOT SELL DATA.", id="capitals"),
        pytest.param(
            "do cookies hold personal info",
            "We use cookies but do not store personally identifiable information in your cookie.",
            id="after-but",
        ),
        pytest.param(
            "do third parties get identifiable data",
            "No individually identifiable data is sent to third party servers.",
            id="no-individually",
        ),
    ],
)
def test_a_sentence_says_no(asked: str, sentence: str) -> None:
    assert polarity(asked, sentence) == "no"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param("", "We do not sell it.", id="nothing-asked"),
        pytest.param("does it", "We do not sell it.", id="no-content-words"),
        pytest.param("what is the weather in paris", "We do not sell it.", id="another-matter"),
        pytest.param("do they sell data", "", id="nothing-said"),
        pytest.param("do they sell data", ";", id="only-a-mark"),
        pytest.param(
            "do they keep my phone number", "Cookies are small files.", id="nothing-shared"
        ),
    ],
)
def test_a_sentence_on_another_matter_says_neither(asked: str, sentence: str) -> None:
    assert polarity(asked, sentence) == ""


@pytest.mark.parametrize(
    ("asked", "sentence", "wrong"),
    [
        pytest.param(
            "can i still buy a dress on with cookies blocked",
            "If you turn off cookies, though, we will not be able to track your order to enable "
            "you to purchase from our site.",
            "yes",
            id="betsey-johnson-cookies-off",
        ),
        pytest.param(
            "do people who quit working at still have access to my card info",
            "Access to sensitive data such as customer financial information and individually "
            "identifiable information is revoked in a timely manner for employees who change "
            "function or resign.",
            "yes",
            id="lumens-access-revoked",
        ),
        pytest.param(
            "do you sell my data",
            "No individually identifiable data is sent to third party servers, only data that "
            "reflects that a sale occurred.",
            "yes",
            id="lumens-no-identifiable-data",
        ),
        pytest.param(
            "does sell my information?",
            "Business transitions. In the event that Lumens.com goes through a business "
            "transition, such as a merger, being acquired by another company, or selling a portion "
            "of its assets, Customers' personal information generally is one of the transferred "
            "business assets.",
            "yes",
            id="lumens-selling-assets",
        ),
        pytest.param(
            "cookies - can I turn them off?",
            "We do not use cookies to gather any personal information.",
            "no",
            id="helzberg-cookies-off",
        ),
        pytest.param(
            "did ask for your age",
            "We neither collect nor maintain information at our site from those actually known to "
            "be under the age of 13, nor is any part of our sites directed to children under the "
            "age of 13.",
            "no",
            id="bellacor-age",
        ),
        pytest.param(
            "can see if i opened the emails they send me?",
            "We will also send you emails to confirm your order and may need to contact you via "
            "phone, postal mail or email if we have other questions regarding your order.",
            "yes",
            id="betsey-johnson-opened-emails",
        ),
        pytest.param(
            "do I have to give my information",
            "It is optional for you to give us information.",
            "yes",
            id="optional",
        ),
        pytest.param(
            "don't they sell my data?", "We do not sell your data.", "yes", id="don't-they"
        ),
        pytest.param(
            "do you share my data with my consent",
            "We do not share your data without your consent.",
            "no",
            id="not-without",
        ),
        pytest.param(
            "do you sell my data",
            "Not only do we sell your data, we share it.",
            "no",
            id="not-only",
        ),
    ],
)
def test_a_wrong_yes_or_no_is_never_said(asked: str, sentence: str, wrong: str) -> None:
    assert polarity(asked, sentence) != wrong


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param(
            "will still send order confirmations if I unsubscribe?",
            "Asking to be removed from our email list will not prevent you from receiving a "
            "confirmation via email for any order you may place with our Online Store.",
            id="not-prevent",
        ),
        pytest.param(
            "does refuse children under 13?",
            "We neither collect nor maintain information at our site from those actually known to "
            "be under the age of 13.",
            id="refusal",
        ),
        pytest.param(
            "is my card number safe when ordering online?",
            "Making a credit card purchase online is just as safe as making one by telephone.",
            id="verdict",
        ),
        pytest.param(
            "does share my info with other marketers?",
            "Honor your request as a customer not to share your information with other marketers.",
            id="on-request",
        ),
    ],
)
def test_what_is_not_plain_is_neither_yes_nor_no(asked: str, sentence: str) -> None:
    assert polarity(asked, sentence) == ""


SURE = ([1.0], 0.05)  # far before what comes next; the policy speaks of the matter


@pytest.mark.parametrize(
    ("asked", "sentence", "said"),
    [
        ("do they flog my details to others?", "We never sell your data to third parties.", "no"),
        ("will my details stay private?", "We share your details with other companies.", "no"),
        ("do i have to give a phone number?", "The phone number is optional.", "no"),
        ("can i open an account without a phone?", "The phone number is optional.", "yes"),
        ("is everything wiped when i leave?", "We keep your orders after you leave.", "no"),
        ("do you keep anything after i leave?", "We keep your orders after you leave.", "yes"),
        ("would you warn me first?", "We notify you before we hand over your data.", "yes"),
    ],
)
def test_opposites_are_seen_in_other_words(asked: str, sentence: str, said: str) -> None:
    assert reading(asked, [sentence], *SURE) == said


def test_a_no_to_an_end_alone_is_no_no() -> None:
    quote = "We do not use cookies to gather any personal information."
    assert reading("do they use cookies?", [quote], *SURE) != "no"


def test_nothing_is_said_where_another_quote_says_the_contrary() -> None:
    denies, affirms = "We do not sell your data.", "We sell your data to other companies."
    asked = "do they sell my data?"
    assert reading(asked, [denies], *SURE) == "no"
    assert reading(asked, [denies, affirms], [0.02, -0.02], 0.05) in ("both", "")


def test_nothing_is_said_where_the_quote_hardly_answers() -> None:
    asked, quote = "do they sell my data?", "We do not sell your data."
    assert reading(asked, [quote], [0.0], 0.99) == ""


def test_that_something_is_safe_is_never_said() -> None:
    quote = "Your card number is safe with us; we keep it secure."
    assert reading("is my card number safe?", [quote], *SURE) != "yes"


def test_a_sale_of_the_company_answers_only_who_asks_for_it() -> None:
    quote = "If we merge with another company, your data is sold with our assets."
    assert reading("do they sell my data?", [quote], *SURE) == ""


def test_a_negation_turns_what_it_reaches() -> None:
    assert directions("we do not share it")["disclose"] == -1
    assert directions("we neither sell nor share it")["disclose"] == -1
    assert directions("this will not prevent us from sharing it")["disclose"] == 1
    affirmed, denied, excepted = parts("we use cookies but do not sell them unless you agree")
    assert "cookies" in affirmed
    assert "sell" in denied
    assert "agree" in excepted


@pytest.mark.parametrize(
    ("folded", "asked"),
    [
        ("i left last year. do they keep my data?", "do they keep my data?"),
        ("if i unsubscribe, will they still write to me?", "will they still write to me?"),
        ("can they see if i opened it?", "can they see if i opened it?"),
        ("they sell my data. is that right?", "they sell my data. is that right?"),
    ],
)
def test_the_main_question_is_found(folded: str, asked: str) -> None:
    assert main_question(folded) == asked


@pytest.mark.parametrize(
    ("asked", "quote"),
    [
        ("can you give me the names of your partners?", "We share your data with partners."),
        ("is it a robot or a person that removes it?", "A robot may remove your posts."),
        ("can they see if i opened the emails they send?", "We send you emails about your order."),
        ("is that legal?", "We share your data as the law allows."),
    ],
)
def test_what_neither_yes_nor_no_can_answer(asked: str, quote: str) -> None:
    assert reading(asked, [quote], *SURE) == ""
