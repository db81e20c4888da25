"""Terminals: hooks and shim written and loaded, what hooks ask, text quoted for each shell."""
