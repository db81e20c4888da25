"""Tests of dokploy_ctx/text."""
