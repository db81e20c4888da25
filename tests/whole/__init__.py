"""Tests that cross folders: what must hold whatever people, programs and files do."""
