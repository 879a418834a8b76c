"""`bot` and `python -m bot`: the command line. Loading it takes a second or two; it says so when it takes longer."""

from bot.progress import slow


def main() -> None:
    """Load the command line and run a command."""
    with slow("Loading the program"):
        from bot.cli import main as command_line
    command_line()


if __name__ == "__main__":
    main()
