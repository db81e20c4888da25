"""Text that people read: foreign text made harmless, secrets masked, messages, streams."""
