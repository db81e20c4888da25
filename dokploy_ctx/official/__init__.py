"""The official CLI: where it is, its commands and options, which of them read, names for ids."""
