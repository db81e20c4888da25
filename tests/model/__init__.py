"""Tests of dokploy_ctx/model."""
