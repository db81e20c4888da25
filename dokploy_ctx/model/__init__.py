"""Pure rules and values: profiles, which one is active, what a session changes.

Nothing here reads or writes a file, the environment or a panel.
"""
