"""From a question to a cited answer: understand → retrieve → evidence → answer.

``Chatbot`` in ``bot.py`` does it; the page, the HTTP interface, the command line and the
evaluation only render what it returns.
"""
