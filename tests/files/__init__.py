"""Tests of dokploy_ctx/files."""
