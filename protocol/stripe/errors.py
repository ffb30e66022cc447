"""What can keep a request to Stripe from succeeding. Each error is a sentence an operator can use."""


class StripeError(Exception):
    """Anything that kept a request to Stripe from succeeding."""


class StripeRefused(StripeError):
    """Stripe answered, and said no for good: asking the same again gets the same answer.

    `code` is Stripe's own word (docs.stripe.com/error-codes), empty where it gave none.
    """

    def __init__(self, detail: str, *, code: str = "") -> None:
        super().__init__(detail)
        self.code = code


class StripeForgotten(StripeRefused):
    """Stripe does not know this object, or it belongs to another account or to the other mode (404)."""


class StripeKeyRefused(StripeRefused):
    """The secret key is wrong, was revoked, or lacks a permission (401, 403): only the operator can mend it."""


class StripeKeyReused(StripeRefused):
    """An idempotency key was used before with other parameters: a fault of ours."""


class StripeForged(StripeError):
    """What came to the webhook was not signed by Stripe, or is too old to be believed."""


class StripeBusy(StripeError):
    """Stripe surely did nothing: too many requests (429). Later it may."""


class StripeUnreachable(StripeError):
    """No usable answer: what was asked for may have been done. The same request with the same key is safe.

    `kept` says that Stripe remembers this failure for the key and would only repeat it.
    """

    def __init__(self, detail: str, *, kept: bool = False) -> None:
        super().__init__(detail)
        self.kept = kept
