"""What people and policies say in different words about the same thing.

Each entry is one concept of consumer privacy: words and phrases that stand for it, in the voice of
the person who asks and in that of the policy that answers. They are matched on folded text from
the beginning of a word; a trailing ``$`` demands the whole word. A word is worth adding when it
holds for policies in general. The list was written with ``seeds/questions.jsonl`` and
``tests/data/questions-dev.jsonl`` at hand, which it therefore flatters: judge it by others.
"""

import re

WORDS = {
    "delete": (
        "delet, eras, wip, remov, destroy, purg, forget$, forgotten, get rid, take me off, "
        "close my, close your account, deactivat, cancel my account, scrub, dispos"
    ),
    "sell": (
        "sell, sold, sale$, rent$, rents, rented, renting, trade$, trading, monetiz, monetis, "
        "for money, make money, money from, cash in"
    ),
    "share": (
        "shar, disclos, transfer, releas, reveal, give to, given to, gives, giving, hand "
        "over, handing, pass on, passing, pass my, provide to, made available, make "
        "available, exchang, distribut, divulg, gets to see, get to see, end up with"
    ),
    "others": (
        "third part, third-part, 3rd part, partner, affiliat, subsidiar, advertiser, other "
        "compan, another compan, outside compan, outside firm, other firm, sister compan, "
        "other brand, other business, other marketer, someone else, anyone else, anybody "
        "else, who else, vendor, contractor, service provider, intermediar, outsider, "
        "unaffiliated"
    ),
    "stop messages": (
        "unsubscrib, opt out, opt-out, opting out, opted out, do not email, do not contact, "
        "mailing list, email list, no longer wish, no longer want, stop receiving, stop "
        "sending, stop email, stop e-mail, stop mail, stop getting, stop contact, stop "
        "bother, quit email, quit e-mail, quit send, make it stop, make them stop, get off, "
        "leave me alone, not to receive, not want to receive, turn off notif, keeps mailing, "
        "keep mailing"
    ),
    "email": "email, e-mail, newsletter, inbox, spam, promotional message, electronic mail",
    "marketing": (
        "market, promot, offer, coupon, advert, newsletter, commercial, announcement, deals"
    ),
    "advertising": (
        "ad$, ads$, advert, banner, retarget, interest-based, targeted, follow me around, "
        "following me around, sponsored"
    ),
    "retention": (
        "keep, kept$, retain, retention, stored$, store$, storing, storage, hold on, hang on, "
        "hold onto, how long, as long as, period of time, preserv, archiv, backup, back up, "
        "hold my, held$, holds$, how many years"
    ),
    "police": (
        "polic, court, subpoena, lawful, legal, law$, laws$, government, judicial, warrant, "
        "prosecut, authorities, fbi$, cops$, judge, judges, magistrate"
    ),
    "takeover": (
        "merge, merging, acquire$, acquires, acquired, acquisition, takeover, take over, "
        "bankrupt, bought, buys, business transition, sale of, sell the company, change of "
        "control, goes under, out of business, reorganiz, new owner, goes bust, go bust, gone "
        "bust, shut down, shuts down, close down, closes down, insolven"
    ),
    "children": (
        "child, kid$, kids$, minor$, minors$, teen, daughter, son$, parent, underage, under "
        "13, under the age, under 16, under 18, year old, years old, years of age, coppa$, "
        "young, yr old, old enough, how old, youngest, age$, ages$"
    ),
    "cookies": "cooki, local storage",
    "trackers": "pixel, beacon, clear gif, web bug, analytic, fingerprint, track, log file",
    "behaviour": (
        "click, brows, visit, navigat, page view, pages, movement, usage, activit, surf, what "
        "i look at, what i read, what i watch, where you go, where i go"
    ),
    "location": (
        "locat, gps$, geolocat, where i am, where you are, whereabouts, nearby, near me, "
        "nearest, zip$, postcode, closest"
    ),
    "security": (
        "secur, safe$, safely, safety, protect, safeguard, firewall, padlock, guard, hacker, "
        "crook, criminal"
    ),
    "encryption": "encrypt, ssl$, tls$, https$, scrambl, secure socket",
    "breach": (
        "breach, hack, stole, theft, leak, compromis, intruder, unauthorized access, security "
        "incident, break in"
    ),
    "payment": (
        "payment, pay$, pays$, paying, card$, cards$, billing, bank$, financial, checkout, "
        "purchas, buy$, buying"
    ),
    "health": "health, medical, doctor, illness, diagnos",
    "staff": (
        "staff, employee, worker, personnel, insider, new hires, resign, people who work, "
        "people working, quit working, works at, work at, works for, work for, workforce, "
        "people at"
    ),
    "correct": (
        "correct, updat, edit, inaccura, amend, rectif, fix$, wrong, mistake, out of date, "
        "change my, change your, new address, moved, spelt, misspel, typo, incorrect"
    ),
    "access": (
        "access, see what, view my, view your, copy of, look at my, what you have on, what "
        "they have on, download my, portab, request a copy, get hold of"
    ),
    "collect": (
        "collect, gather, acquir, captur, record$, records, ask for, asks for, asked for, "
        "know about, find out, receive information, pick up, log$, logs$, want to know, "
        "obtain"
    ),
    "personal details": (
        "personal, personally identifiable, name$, details, contact information, private "
        "information, my info, your information, my data, your data, info$"
    ),
    "phone": (
        "phone, telephone, call$, calls$, calling, ring$, sms$, text message, dial, texting, "
        "texts$, text me"
    ),
    "post": (
        "postal, letter, catalog, by mail, mailing address, home address, direct mail, in the "
        "post, by post, mail me"
    ),
    "contact": (
        "contact, reach, write to, get in touch, talk to, speak to, complain, question about, "
        "questions about, customer service, customer support, help desk"
    ),
    "changes to policy": (
        "chang, revis, amend, modif, new version, rewrite, updat, effective date, notice of, "
        "warning"
    ),
    "consent": "consent, permission, agree, opt in, opt-in, without asking, choice, choose, volunt",
    "refuse": (
        "refus, reject, disabl, block, declin, turn off, turning off, switch off, not "
        "provide, choose not, do not give, don't give, dont give, say no, have to give, "
        "optional, required, without giving, opt not"
    ),
    "abroad": (
        "abroad, overseas, international, country, countries, europe, cross-border, outside "
        "the, united states, jurisdiction, eea$, other countr, send abroad"
    ),
    "contest": "contest, sweepstake, giveaway, raffle, competition, prize, survey, winner",
    "referral": "referral, refer a, friend, invite",
    "login": (
        "login, log in, log-in, logged in, log out, logs me out, password, account, "
        "credential, sign in, sign-in, sign up, register, registration, session, times-out, "
        "time-out, timeout"
    ),
    "social login": "facebook, google, twitter, social network, single sign-on, social media",
    "recording": (
        "recorded, recording, live chat, chat$, chats, transcript, monitor, microphone, "
        "camera, voice, video"
    ),
    "anonymous": "anonym, aggregat, non-personal, de-identif, pseudonym, not identify, not linked",
    "combine": (
        "combin, cross-reference, match with, other sources, put together, publicly "
        "available, data broker, buy data"
    ),
    "links": "link, other site, other web, external site, third party site, outside site",
    "delivery": "deliver, ship, courier, parcel, fulfil",
    "notify": (
        "notif, inform$, informed, tell$, tells$, warn, alert, let you know, let me know, "
        "heads up, notice"
    ),
    "consumer rights": "right$, rights$, ccpa$, gdpr$, california, object, data protection",
    "profiling": (
        "profil, automated, personaliz, personalis, recommend, tailor, customiz, customis, "
        "ai$, machine learning, artificial intelligence, train$, training, algorithm, robot, "
        "computer decide"
    ),
    "paper": "paper, printed, hard copy, print a",
    "device": "browser, ip address, operating system, device, internet protocol, ip$",
    "do not track": "dnt$, do not track, global privacy control, gpc$",
    "employees' promise": "nondisclosure, non-disclosure, confidential, agreement",
    "identity": "verif, identity, prove, proof, who you say you are, papers",
    "public": (
        "public, visible, strangers, everyone can see, anyone can see, whole world, other "
        "users, show up"
    ),
    "own content": (
        "posts$, post$, comment, upload, content you, your content, what i write, what i "
        "post, package"
    ),
    "death": "deceas, died, dies$, death, passed away, memorial, dead$",
    "biometric": "biometric, face$, facial, fingerprint, voiceprint",
}


def _by_beginning() -> dict[str, list[tuple[str, bool, str]]]:
    """The first two letters of an entry → entry, whether it is a whole word, its concept."""
    table: dict[str, list[tuple[str, bool, str]]] = {}
    for concept, words in WORDS.items():
        for entry in words.split(","):
            text = entry.strip()
            row = (text.rstrip("$"), text.endswith("$"), concept)
            table.setdefault(text[:2], []).append(row)
    return table


_BY_BEGINNING = _by_beginning()
_WORD_BEGINNING = re.compile(r"\b\w")


def concepts(folded: str) -> set[str]:
    """The concepts that a folded text speaks of."""
    found = set()
    for word in _WORD_BEGINNING.finditer(folded):
        start = word.start()
        for entry, whole, concept in _BY_BEGINNING.get(folded[start : start + 2], ()):
            if folded.startswith(entry, start):
                end = start + len(entry)
                if not whole or not folded[end : end + 1].isalnum():
                    found.add(concept)
    return found
