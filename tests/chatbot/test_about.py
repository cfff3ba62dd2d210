"""What the page says of itself is true of the index that it stands on."""

import re
from dataclasses import replace

from chatbot.about import about_markup
from chatbot.bot import Chatbot
from index.types import Company


def test_it_says_what_it_is_not_what_it_keeps_and_what_is_indexed(bot: Chatbot) -> None:
    markup = about_markup(bot)
    assert re.findall(r"<h2>(.*?)</h2>", markup) == [
        "What it is",
        "What it is not",
        "What it keeps",
        "What is indexed",
    ]
    assert "not legal advice" in markup
    assert "no cookies" in markup
    assert "5 policies of 4 companies." in markup
    assert all(one.name in markup for one in bot.policies())


def test_one_of_one_is_said_as_one(bot: Chatbot) -> None:
    class OneBot(Chatbot):
        def __init__(self) -> None:
            pass

        def policies(self) -> list[Company]:
            return [replace(bot.policies()[0], days=bot.policies()[0].days[:1])]

    assert "1 policy of 1 company." in about_markup(OneBot())
