"""dctx: kubectx for Dokploy. See README.md; the command is `dctx`."""

__version__ = "0.1.0"
