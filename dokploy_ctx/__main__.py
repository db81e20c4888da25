"""`python -m dokploy_ctx` is `dctx`."""

from .cli import main

main()
