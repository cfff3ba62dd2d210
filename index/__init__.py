"""From files of policies to a searchable index: sources → clean → split → encode → store.

Nothing here needs a question; whatever does lives in ``chatbot``. ``build.py`` runs the steps in
order.
"""
