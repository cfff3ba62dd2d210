"""``python -m chatbot`` is ``policychat``."""

from chatbot.cli import main

main()
