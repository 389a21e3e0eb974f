"""`python -m crateline` is `crateline`."""

from crateline.cli import main

if __name__ == "__main__":
    main()
