"""Lao, Thai and Latin text: pure standard library, shared by the Rasa components and the bot."""
