"""A stand-in for Stripe: Checkout with a hosted page, refunds, disputes and events, held against the SDK's types."""

from sandbox.stripe.api import create_app
from sandbox.stripe.panel import StripePanel
from sandbox.stripe.world import StripeWorld

__all__ = ["StripePanel", "StripeWorld", "create_app"]
