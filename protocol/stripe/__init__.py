"""Speaks to Stripe. Only `client` imports the SDK, so that a shop without Stripe does not pay for it."""
