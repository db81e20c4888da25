"""Tests of the repository itself: the wheel, the docs, how it is installed, the demo."""
