"""Stripe's errors, in its words and shapes (docs.stripe.com/error-codes)."""

from collections.abc import Mapping


class Refusal(Exception):
    """A request answered with an error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        doc_url = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}" if code else None
        told = {"message": message, "type": type, "code": code, "param": param, "doc_url": doc_url}
        self.body = {"error": {name: value for name, value in told.items() if value is not None}}


def unknown(param: str) -> Refusal:
    return Refusal(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def missing(param: str) -> Refusal:
    return Refusal(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def invalid(message: str, param: str, code: str | None = None) -> Refusal:
    return Refusal(400, message, code=code, param=param)


def no_such(kind: str, id: str) -> Refusal:
    """There is none of this id, or it belongs to the other mode."""
    return Refusal(404, f"No such {kind}: '{id}'", code="resource_missing", param="id")


def unauthorised(key: str) -> Refusal:
    if not key:
        said = "You did not provide an API key. You need to provide your API key in the Authorization header."
        return Refusal(401, said)
    shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
    return Refusal(401, f"Invalid API Key provided: {shown}")


def forbidden(key: str) -> Refusal:
    said = f"The provided key '{key[:8]}*****' does not have the required permissions for this endpoint."
    return Refusal(403, said, code="more_permissions_required")


def other_parameters(key: str) -> Refusal:
    said = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return Refusal(400, said, type="idempotency_error")


def key_in_use(key: str) -> Refusal:
    said = f"There is currently another in-progress request using this Idempotent Key: {key}. Please try again later."
    return Refusal(409, said, type="idempotency_error", code="idempotency_key_in_use")


def rate_limited() -> Refusal:
    said = "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/rate-limits."
    return Refusal(429, said, code="rate_limit", headers={"stripe-rate-limited-reason": "global-rate"})


def locked() -> Refusal:
    said = (
        "This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it. If you see this error intermittently, retry the request."
    )
    return Refusal(429, said, code="lock_timeout", headers={"stripe-should-retry": "true"})


def server_error() -> Refusal:
    return Refusal(500, "An unknown error occurred", type="api_error")
