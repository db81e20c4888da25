"""Tests of dokploy_ctx/panel."""
