"""What visitors ask of privacy policies, and by which words policies speak of it."""

import re
from dataclasses import dataclass

from index.words import fold


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people ask of privacy policies, and what a policy would say of it."""

    name: str
    write: str  # what to write where it is missing
    questions: tuple[str, ...]  # as visitors put it, about "you"; those for yes or no say so
    words: re.Pattern[str]  # in folded text: without any of these a policy hardly speaks of it

    def named_in(self, text: str) -> bool:
        """Whether the words of this topic stand in a text."""
        return self.words.search(fold(text)) is not None


def _topic(name: str, write: str, words: str, *questions: str) -> Topic:
    return Topic(name, write, questions, re.compile(words))


# Written from what policies in general say; five were read to measure it, none has a rule.
TOPICS = (
    _topic(
        "collected",
        "which information you collect",
        r"\b(?:collect|gather|ask (?:you )?for|provide|receive|information (?:we|that)"
        r"|data (?:we|that))",
        "what information do you collect?",
        "what data do you have about me?",
        "which personal details do you ask for?",
    ),
    _topic(
        "use",
        "what information is used for",
        r"\b(?:us(?:e|es|ed|ing)|process(?:ed|ing)?|purposes?|in order to)\b",
        "what do you use my information for?",
        "why do you need my data?",
        "how is my personal information used?",
    ),
    _topic(
        "other sources",
        "whether you get information about people from others, and from whom",
        r"\b(?:(?:from|with) (?:other|third|outside|public|additional) ?\w* ?(?:sources?"
        r"|part(?:y|ies))"
        r"|from (?:third[- ]part|(?:our|other) (?:partners?|compan|business|affiliat|user))"
        r"|other sources|publicly available|data brokers?|acquire\b.{0,40}\bfrom"
        r"|(?:receive|obtain|get|collect)\b.{0,60}\bfrom (?:other|third|our partners|social"
        r"|advertis"
        r"|public))",
        "do you get information about me from other companies?",
        "where else do you get my data from?",
        "do you buy or collect data about me from third parties?",
    ),
    _topic(
        "selling",
        "whether you sell or rent personal information",
        r"\b(?:sell|sold|sale of|selling|sells|rent|rents|rented|renting|trade|monetiz)\b",
        "do you sell my information?",
        "is my data sold to anyone?",
        "do you rent my details?",
    ),
    _topic(
        "sharing",
        "with whom you share personal information, and what for",
        r"\b(?:shar(?:e|es|ed|ing)|disclos|third[- ]part|provide\b.{0,40}\bto (?:other|our|third)"
        r"|transfer|service providers?|affiliates?|pass(?:ed)? (?:it )?on)",
        "who do you share my information with?",
        "do you give my data to other companies?",
        "do you share my information with third parties?",
    ),
    _topic(
        "advertising",
        "whether information is used for advertising, and how to refuse",
        r"\b(?:advert|ads\b|ad (?:network|partner|serv)|banner|remarket|retarget|marketing)",
        "do you use my data for advertising?",
        "are ads targeted at me?",
        "do ad networks track me here?",
    ),
    _topic(
        "personalisation",
        "whether what people see is chosen by what you know of them",
        r"\b(?:personali[sz]|recommend|tailor|customi[sz]|profil(?:e|ing)|relevant"
        r"|(?:based on|learn|about) your (?:interests?|preferences)|shopping preferences)",
        "do you personalise what I see?",
        "do you make recommendations from my data?",
        "do you build a profile of me?",
    ),
    _topic(
        "automated decisions",
        "whether a program alone decides about people, and how to object",
        r"\bautomat\w+(?: \w+){0,3} (?:decision|processing|means|profil)|\bprofiling\b"
        r"|\bdecisions?\b.{0,60}\b(?:automat|algorithm|solely)|\balgorithm|\bmachine learning\b"
        r"|\bartificial intelligence\b|\bcredit scor",
        "does a computer decide about me?",
        "do you make automated decisions?",
        "do you use algorithms or AI to judge me?",
    ),
    _topic(
        "opting out",
        "how to stop marketing messages",
        r"\b(?:opt(?:ing|ed|s)?[- ]?out|unsubscrib|stop receiving|(?:not|no longer) (?:wish|want)"
        r"|mailing lists?|do not e-?mail|promotional (?:e-?mails|messages|communications)"
        r"|not to receive|choose not)",
        "how do I stop your e-mails?",
        "how do I unsubscribe?",
        "can I opt out of marketing messages?",
    ),
    _topic(
        "phone and post",
        "whether you call people or write by post for marketing, and how to stop it",
        r"\b(?:telemarket|phone calls?|call(?:s|ing)? you|telephone (?:call|or|solicit|offer|pref)"
        r"|text messag|sms\b|catalog|postal (?:mail|list)|by (?:phone|telephone|mail|post)\b"
        r"|(?:mail|phone|telephone)(?: \w+){0,2} (?:solicit|offers)|direct mail)",
        "will you call me to sell me something?",
        "do you send catalogs or letters by post?",
        "how do I stop your calls, texts or catalogs?",
    ),
    _topic(
        "deletion",
        "how someone has personal information deleted, and how soon it is",
        r"\b(?:delet|eras(?:e|ure|ed|ing)|right to be forgotten|destroy|purg"
        r"|remov(?:e|al|ed|ing)\b.{0,50}\b(?:information|data|account|record|file|database)"
        r"|clos(?:e|ing) (?:your|my|the) account)",
        "how do I have my information deleted?",
        "can I erase my account and data?",
        "will you remove my personal data if I ask?",
    ),
    _topic(
        "access",
        "how someone gets a copy of what you hold about them",
        r"\b(?:access (?:to )?(?:your|my|their|the|and|or|any|personal)|right of access|cop(?:y"
        r"|ies) of"
        r"|review (?:your|their|and|the|or)|see (?:your|what)|information (?:maintained|held"
        r"|we have)"
        r"|(?:request|obtain|download|view|export)\b.{0,30}\b(?:data|information)|portab"
        r"|to access)",
        "how do I see what information you have about me?",
        "can I get a copy of my data?",
        "can I access my personal information?",
        "whom do I ask about the information you hold on me?",
    ),
    _topic(
        "correction",
        "how someone has wrong information corrected",
        r"\b(?:correct(?:ed|ing|ions?|s)?(?: (?:any|your|the|their|or|and|personal|such|wrong))*"
        r" (?:inaccura\w*|information|data|errors?|it|records?|details)|correction|rectif"
        r"|updat(?:e|ing)\b.{0,30}\b(?:information|data|account|profile|details)"
        r"|(?:chang|edit|modif|amend)\w*\b.{0,30}\byour (?:\w+ ){0,2}(?:information|data|account"
        r"|profile|details)|inaccura)",
        "how do I correct my information?",
        "can I change wrong details about me?",
        "can I update my personal information?",
    ),
    _topic(
        "keeping",
        "for how long each kind of information is kept, and what happens to it then",
        r"\b(?:retain|retention|how long|as long as|(?:keep|kept|stor(?:e|ed)|held|hold"
        r"|preserv\w+)\b"
        r".{0,60}\b(?:\d+|days?|months?|years?|period|until|long|necessary|required|extent)"
        r"|archiving|no longer (?:need|necessary))",
        "how long do you keep my information?",
        "when is my data deleted?",
        "what is your data retention period?",
    ),
    _topic(
        "children",
        "what holds for children, and from which age",
        r"\b(?:child|kids?\b|minors?\b|under (?:the age|\d\d|thirteen|sixteen|eighteen)"
        r"|(?:at least|over) (?:\d\d|thirteen|sixteen|eighteen)|parent|coppa|teen|age of)",
        "do you collect information from children?",
        "how old must I be to use the site?",
        "what about kids under 13?",
    ),
    _topic(
        "cookies",
        "which cookies are set, what for, and how to refuse them",
        r"\bcookie",
        "what do you use cookies for?",
        "do you use cookies?",
        "how do I turn off cookies?",
    ),
    _topic(
        "trackers",
        "which other means record what people do on the site, such as pixels and logs",
        r"\b(?:pixel|beacon|clear gif|web bug|tracking|tracks?\b|log files?|logs?\b|analytics"
        r"|movements|ip address|navigation|clickstream|pages? (?:you )?(?:view|visit)|fingerprint"
        r"|session replay|device (?:information|data|identif)|browser type|usage (?:data"
        r"|information))",
        "do you track what I do on your site?",
        "do you use pixels or web beacons?",
        "do you record which pages I look at?",
    ),
    _topic(
        "do not track",
        "whether you obey a browser that says: do not track",
        r"\bdo[- ]not[- ]track|\bdnt\b|global privacy control|\bgpc\b"
        r"|opt[- ]out (?:preference )?signal",
        "do you obey do not track?",
        "what happens if my browser sends a do-not-track signal?",
        "do you respect the global privacy control?",
    ),
    _topic(
        "location",
        "whether you learn where someone is, and how exactly",
        r"\b(?:location(?:s|-based)?\b(?! of (?:our|the))|gps|geo-?(?:locat|graph)|whereabouts"
        r"|latitude|nearest (?:you|to you)|(?:stores?|shops?)\b.{0,40}\bnear)",
        "do you track my location?",
        "do you know where I am?",
        "do you collect GPS or location data?",
    ),
    _topic(
        "security",
        "how information is protected",
        r"\b(?:secur(?:e|ity|ely)|encrypt|firewall|safeguard|ssl\b|tls\b|protect)",
        "how do you protect my information?",
        "is my data encrypted?",
        "how is my personal information kept secure?",
    ),
    _topic(
        "breach",
        "whether and when you tell people that their information was stolen",
        r"\b(?:breach|data (?:incident|leak|theft|loss)|security incident|stolen|compromised|hack"
        r"|(?:notif|inform|tell|alert)\w*\b.{0,60}\b(?:unauthori[sz]ed|incident|compromis))",
        "will you tell me if my data is stolen?",
        "what happens after a data breach?",
        "do you notify customers of a security breach?",
    ),
    _topic(
        "payment",
        "what happens to card numbers",
        r"\b(?:credit card|debit card|card (?:number|information|data|details)|payment|billing"
        r"|financial|paypal|purchase)",
        "do you store my credit card number?",
        "what happens to my payment details?",
        "who processes my card payment?",
    ),
    _topic(
        "transfer abroad",
        "in which countries information is kept",
        r"\b(?:other countr|which countr|countr(?:y|ies)\b|abroad|overseas"
        r"|international(?:ly)? (?:data )?transfer"
        r"|transfer\w*\b.{0,60}\b(?:united states|outside|international|eea|europe|jurisdiction)"
        r"|(?:stored|located|processed|servers?|hosted)\b.{0,40}\bin (?:the )?(?:united states"
        r"|u\.?s|usa"
        r"|europe|eu\b|ireland|canada|germany|united kingdom)|privacy shield|standard contractual)",
        "what country is my data kept in?",
        "is my data transferred abroad?",
        "do you send my information to other countries?",
    ),
    _topic(
        "authorities",
        "when you give information to police or courts",
        r"\b(?:law enforcement|police|subpoena|court|legal process|judicial"
        r"|(?:required|permitted|compelled|obliged) (?:to do so )?by (?:\w+ )?law"
        r"|legal (?:obligation|request)"
        r"|government(?:al)? (?:agenc|authorit|request|bod)|public authorit|warrant|comply with"
        r" (?:\w+ ){0,3}(?:law|legal))",
        "would you give my information to the police?",
        "do you disclose data because of a court order?",
        "do you share information with law enforcement?",
    ),
    _topic(
        "sale of the business",
        "what becomes of the information when the business is sold",
        r"\b(?:merger|merge[sd]?\b|acquisition|acquired by|bankrupt|insolven|change (?:of"
        r"|in) control"
        r"|(?:sale|sell|sold|selling|transfer)\w*\b.{0,50}\b(?:assets|business|company|stock)"
        r"|business (?:transition|transfer|transaction)|reorgani[sz]ation|successor)",
        "what happens to my data if you are bought?",
        "is my information transferred in a merger?",
        "if the business is sold, who gets my data?",
    ),
    _topic(
        "changes",
        "how people learn that the policy has changed, and when it last did",
        r"\b(?:(?:chang|updat|revis|amend|modif)\w*\b.{0,60}\b(?:policy|statement|notice"
        r"|practices|terms)"
        r"|(?:policy|statement|notice|practices)\b.{0,60}\b(?:chang|updat|revis|amend|modif)"
        r"|effective date|last (?:updated|modified|revised|changed))",
        "will you tell me when this policy changes?",
        "how do I find out about changes to the privacy policy?",
        "when was this policy last updated?",
    ),
    _topic(
        "contact",
        "whom to ask about privacy, with an address that is read",
        r"\b(?:(?:contact|reach|e-?mail|write to|call|notify|writing to) (?:us|our|the|me|\w+@)"
        r"|questions?\b.{0,60}\b(?:contact|e-?mail|write|call)|data protection officer|contacting"
        r"|privacy officer)",
        "who do I contact about privacy?",
        "what e-mail address do I write to with questions?",
        "how do I reach you about this policy?",
    ),
    _topic(
        "complaints",
        "where people can complain about you, such as an authority",
        r"\b(?:complain|grievance|supervisory authority|data protection (?:authority|commission)"
        r"|information commissioner|ombuds|dispute|arbitrat|truste\b|bbb\b|better business)",
        "where can I complain about you?",
        "which authority do I complain to?",
        "how are disputes about privacy settled?",
    ),
    _topic(
        "legal rights",
        "which rights people have by law where they live, such as in California or Europe",
        r"\b(?:california|ccpa|cpra|gdpr|general data protection|european (?:union|economic)|eea\b"
        r"|shine the light|virginia|colorado|your (?:legal |privacy |data )*rights|right to (?:know"
        r"|object|erasure|access|portab)|rights (?:under|you have|as a)|residents of)",
        "what rights do I have as a Californian?",
        "what are my rights under the GDPR?",
        "do you comply with the CCPA?",
    ),
    _topic(
        "refusing",
        "what someone cannot do who gives no information",
        r"\b(?:optional|voluntar|(?:choose|choosing|decide|elect|prefer) not|(?:do|does"
        r"|did) not (?:wish to "
        r"|want to )?(?:provide|give|supply|disclose|submit)|without (?:providing|giving"
        r"|registering)"
        r"|declin|refus|not be able to|unable to|anonymous(?:ly)? (?:visit|brows)|not required to"
        r"|you can (?:visit|use|browse)\b.{0,60}\bwithout)",
        "is giving you my information optional?",
        "what happens if I choose not to give my details?",
        "can I use the site without an account or personal data?",
    ),
    _topic(
        "third-party login",
        "what you get from those who sign in with an account of somebody else's",
        r"\b(?:facebook|google|apple|twitter|github|linkedin|microsoft|social (?:media|network"
        r"|login|sign))\b"
        r".{0,80}\b(?:log|sign|account|connect|authenticat|credential|profile)"
        r"|(?:log|sign|register|connect)\w*[- ]?(?:in|on|up)?\b.{0,50}\b(?:via|through|using"
        r"|with)\b.{0,30}"
        r"\b(?:facebook|google|apple|twitter|github|social|third[- ]party|other (?:service"
        r"|account))"
        r"|single sign[- ]on|\boauth|social (?:login|log-in|sign-in)",
        "can I log in with an account of another service?",
        "what do you get from a social network if I sign in with it?",
        "do you connect my account with other services?",
    ),
    _topic(
        "staff access",
        "who of your own people may see personal information",
        r"\b(?:employees?|staff|personnel|contractors?|authori[sz]ed (?:person|people|individual"
        r"|personnel)"
        r"|need[- ]to[- ]know|access controls?|our team|moderators?)\b",
        "who in your company can see my data?",
        "can your employees read my information?",
        "do your staff have access to my personal data?",
    ),
    _topic(
        "recordings",
        "whether calls, chats and messages are recorded or read",
        r"\b(?:record(?:ed|ing|ings|s)? (?:\w+ ){0,4}(?:calls?|conversation|chat|audio|voice"
        r"|video|session)"
        r"|(?:calls?|conversations?|chats?|audio|voice|messages?)\b.{0,40}\b(?:record|monitor"
        r"|transcri|review)"
        r"|chat (?:rooms?|logs?|transcripts?)|call recording|messaging|direct messages|microphone"
        r"|message content|content of (?:your )?(?:messages|communications))",
        "do you record phone calls?",
        "are my chats kept or read?",
        "do you listen to or monitor my conversations?",
    ),
    _topic(
        "health",
        "whether you hold information about health",
        r"\b(?:health|medical|disabilit|pregnan|prescription|fitness)",
        "do you collect health information?",
        "do you keep medical data about me?",
        "is my health data shared?",
    ),
    _topic(
        "biometrics",
        "whether you use faces, fingerprints or voices to know people",
        r"\b(?:biometric|fingerprints?\b(?! of (?:the|your) (?:browser|device))|faceprint"
        r"|facial|face (?:recogn|scan|id)|iris scan|retina|voice ?(?:print|recogn))",
        "do you collect biometric data?",
        "do you use face recognition?",
        "do you scan my face or fingerprints?",
    ),
    _topic(
        "other sites",
        "that other sites which you link to have rules of their own",
        r"\b(?:link(?:s|ed|ing)?\b.{0,60}\b(?:sites?|websites?|services?|part(?:y|ies))"
        r"|(?:other|third[- ]party|outside|external|those|linked) (?:\w+ ){0,2}(?:sites?|websites?)"
        r"|(?:sites?|websites?)\b.{0,40}\bnot (?:under|controlled|responsible))",
        "are you responsible for the sites you link to?",
        "what about links to other websites?",
        "does this policy cover sites that you link to?",
    ),
    _topic(
        "statistics",
        "whether information is used without names, and with whom that is shared",
        r"\b(?:aggregat|anonym|de-?identif|non-?(?:personal|identif)|statistic|pseudonym"
        r"|(?:not|non)[- ]personally[- ]identif)",
        "do you make statistics from my data?",
        "do you share anonymous or aggregated data?",
        "is my information made anonymous?",
    ),
)
