"""`python -m dokploy_ctx` is `dctx`."""

import os
import sys

# Python puts the working directory first on sys.path, and a repository may have a click.py there.
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if os.path.abspath(sys.path[0]) == os.getcwd() != _HERE:
    del sys.path[0]

from .start import main  # noqa: E402

main()
