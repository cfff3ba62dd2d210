"""Measuring: a labelled question set × ``Chatbot`` → what is right, how surely, and what is not."""
