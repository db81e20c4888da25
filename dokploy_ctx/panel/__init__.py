"""A Dokploy panel over HTTP: requests, accounts, keys made and deleted, refusals explained."""
