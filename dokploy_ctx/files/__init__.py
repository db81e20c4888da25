"""What is on disk: config.json, the index, the lock, keys, the data folder, and who owns it."""
