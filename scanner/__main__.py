"""`python -m scanner` is `snowfence`."""

from scanner.cli.main import entry

if __name__ == "__main__":
    entry()
