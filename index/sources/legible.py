"""Whether a text that a program extracted from a page can be an English policy at all."""

import re

LOOKED_AT = 40_000  # characters: enough to tell
MIN_LETTERS = 400  # the shortest real policy in an archive of 25 has 1,100
MAX_FAILED = 3_000  # characters; a longer text is more than a message
OPENING = 400  # characters in which a page says that it is not what was wanted
MIN_SHARE = 0.2  # of function words among all words; English policies have 0.35 to 0.5
MIN_WORDS = 60  # fewer tell no language
NOT_READ = re.compile(r"\]\([^)\s]{0,3000}\)|https?://\S{1,3000}")
FAILED = re.compile(
    r"\b(?:log ?in|sign ?in|log into|password|captcha|are you a (?:human|robot)|unusual traffic"
    r"|enable (?:javascript|cookies)|access denied|forbidden|not authorized|just a moment"
    r"|checking your browser|try again|(?:isn['’]t|is not|not|no longer) (?:available|found)"
    r"|error \d{3}|404|service unavailable|technical error|under maintenance)\b",
    re.IGNORECASE,
)
FUNCTION_WORDS = frozenset(
    "a about and any are as at be by can do for from have how if in information is it may not"
    " of on or other our such that the their these this to us use we when which will with you"
    " your".split()
)


def why_not_legible(text: str) -> str:
    """Why the text cannot serve as a policy, "" if it can."""
    read = NOT_READ.sub(" ", text[:LOOKED_AT])
    words = re.findall(r"[^\W\d_]+", read.lower())
    if sum(map(len, words)) < MIN_LETTERS:
        return "nearly empty"
    if len(read) < MAX_FAILED and FAILED.search(read.strip()[:OPENING]):
        return "a log-in or error page"
    known = sum(word in FUNCTION_WORDS for word in words)
    if len(words) >= MIN_WORDS and known < MIN_SHARE * len(words):
        return "not in English"
    return ""
