"""What several commands share: the configuration, questions, many profiles at once."""
