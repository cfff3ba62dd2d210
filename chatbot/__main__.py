"""``python -m chatbot`` is ``policychat``."""

from chatbot.cli import main

if __name__ == "__main__":
    main()
