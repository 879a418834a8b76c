"""What integration, e2e and chaos tests share: a fake NLU, the bot as a process, PostgreSQL without an installation."""
