"""One file per command: parse, call, print. Commands never import commands but for shared words."""
