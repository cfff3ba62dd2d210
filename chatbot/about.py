"""What the page is and is not, what it keeps, and what is indexed."""

from chatbot.bot import Chatbot
from chatbot.companies import companies_markup


def about_markup(bot: Chatbot) -> str:
    """Tell what this page is, ending with every policy that it knows."""
    companies = bot.policies()
    policies = sum(len(one.days) for one in companies)
    known = f"{len(companies):,} {'company' if len(companies) == 1 else 'companies'}"
    return (
        "<h2>What it is</h2>"
        "<p>Ask what a company says it does with your data. You get the policy&#39;s own words, "
        "the day on which they stood, the archived page, and what you can do. No answer is "
        "written by a language model: each is a quote, or computed from quotes.</p>"
        "<h2>What it is not</h2>"
        "<p>It is not legal advice. A policy is what a company says, not proof of what it does. "
        "Only the days below are known; a policy may have changed since.</p>"
        "<h2>What it keeps</h2>"
        "<p>Nothing. Your questions are answered and forgotten when you close the page. There are "
        "no cookies and no logs of questions, and nobody else&#39;s server is asked. A link that "
        "you copy holds your question: whoever gets the link can read it.</p>"
        f"<h2>What is indexed</h2><p>{policies:,} {'policy' if policies == 1 else 'policies'} "
        f"of {known}.</p>"
        f"{companies_markup(bot)}"
    )
