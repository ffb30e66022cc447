"""The hosted page of a session: pay, be declined, or leave it for later."""

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.stripe.objects import Session
from sandbox.stripe.refusal import Refusal
from sandbox.stripe.world import StripeWorld

_HEADERS = {
    "cache-control": "no-store",
    # No form-action: a form that is answered with a redirect to somebody else's page would be stopped by it.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pay {amount}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }}
main {{ box-sizing: border-box; width: min(26rem, calc(100vw - 2rem)); padding: 2rem;
  border-radius: 1rem; border: 1px solid #8884; box-shadow: 0 1rem 3rem #0002; }}
h1 {{ font-size: 2rem; margin: .25rem 0; }}
p {{ margin: .25rem 0; }}
.badge {{ display: inline-block; padding: 0 .6rem; border-radius: 1rem; background: #f5a62333; font-size: .8rem; }}
.card {{ font-family: ui-monospace, monospace; padding: .75rem 1rem; margin: 1rem 0; border: 1px solid #8884;
  border-radius: .5rem; }}
.said {{ color: #d33; }}
button, a.button {{ display: block; box-sizing: border-box; width: 100%; padding: .75rem; margin-top: .5rem;
  border: 1px solid #8884; border-radius: .5rem; font: inherit; text-align: center; text-decoration: none;
  color: inherit; background: none; cursor: pointer; }}
button.pay {{ background: #635bff; border-color: #635bff; color: #fff; font-weight: 600; }}
</style></head><body><main data-session="{id}">{body}</main></body></html>"""


async def answer(world: StripeWorld, request: Request, id: str) -> Response:
    """The page, or what becomes of the button that was pressed on it."""
    world.tidy()
    session = world.sessions.get(id)
    if session is None:
        return _shown(None, "<h1>Nothing here</h1><p>This page does not exist.</p>", 404)
    if request.method != "POST":
        return _shown(session, _body(world, session))
    action = parse_qs((await request.body()).decode()).get("action", [""])[0]
    if action == "decline":
        world.decline(id)
        return _shown(session, _body(world, session, "Your card was declined. Try another card."))
    try:
        world.pay(id)
    except Refusal:
        return _shown(session, _body(world, session))
    return RedirectResponse(world.leave(session, True), 303)


def _body(world: StripeWorld, session: Session, said: str = "") -> str:
    if session.status != "open":
        ended = "This page has expired." if session.status == "expired" else "Paid. Thank you!"
        return f"<h1>{ended}</h1><p>You can close it.</p>"
    later = world.leave(session, False)
    back = f'<a class="button" data-testid="later" href="{escape(later)}">Later</a>' if later else ""
    mode = "" if session.livemode else ' <span class="badge">test mode</span>'
    return (
        f"<p>{escape(session.description)}{mode}</p><h1>{amount_of(session)}</h1>"
        f'<div class="card">4242 4242 4242 4242<br>12 / 34 &nbsp; 123</div>'
        f'<p class="said" role="alert">{escape(said)}</p>'
        '<form method="post">'
        '<button class="pay" name="action" value="pay" data-testid="pay">Pay</button>'
        '<button name="action" value="decline" data-testid="decline">Pay with a card that is declined</button>'
        f"</form>{back}"
    )


def amount_of(session: Session) -> str:
    """`2 490.00 KZT`."""
    return f"{session.amount_total / 100:,.2f} {session.currency.upper()}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _shown(session: Session | None, body: str, status: int = 200) -> Response:
    amount, id = (amount_of(session), session.id) if session else ("", "")
    return HTMLResponse(_PAGE.format(amount=amount, id=escape(id), body=body), status, _HEADERS)
