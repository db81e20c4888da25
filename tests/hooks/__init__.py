"""Tests of shell/ and of dokploy_ctx/shells: what a terminal sees."""
