"""`python -m fibshim`."""

from fibshim.cli import main

main()
