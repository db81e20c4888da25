"""One file for each command, which parses, calls other modules, and prints.

A command imports another one only if both are the same command under two names.
"""
