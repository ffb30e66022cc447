# Paying: packages, orders, rails, receipts, statements.

## Buying tokens

packages =
    💰 <b>Get tokens</b>
    { $balance } How many tokens would you like?
package-note = { $tokens }: { $note }
balance-now = You have { $balance }.
balance-owed = You have { $balance }. You owe { $debt }, which your next tokens will pay.
button-package = 💰 { $tokens } · { $price }
button-pay-stars = ⭐ Telegram Stars · { $price }
button-pay-stripe = 💳 Bank card · { $price }
button-pay-kaspi = 🏦 Kaspi · { $price }
button-check = 🔄 I have paid, check
button-other-way = 💰 Another way
order-draft =
    💰 <b>{ $tokens }</b>, order <code>{ $code }</code>

    How would you like to pay?
order-waiting-stars =
    ⭐ <b>{ $tokens }</b> for { $price }, order <code>{ $code }</code>

    Press the pay button of the invoice below. The tokens come at once.
order-paid = ✅ Order <code>{ $code }</code> is paid: { $tokens } for { $price }.
order-refunded = ↩️ Order <code>{ $code }</code>: { $price } went back to you, { $tokens } were taken back.
order-refunded-part = ✅ Order <code>{ $code }</code>: { $tokens } for { $price }, of which { $returned } went back to you.
order-disputed = ⏳ Order <code>{ $code }</code>: { $tokens } for { $price }. The payment is disputed, and the tokens are frozen until the bank decides.
order-expired = Order <code>{ $code }</code> for { $tokens } has expired: it was not paid.
order-cancelled = ✖️ Order <code>{ $code }</code> for { $tokens } is cancelled.
order-late = If you did pay after all, the tokens will come.
order-late-kaspi = If you did transfer the money after all, press 🔄 and send the receipt.
invoice-title = { $tokens }
invoice-description = Tokens for films at Kadr. Order { $code }.
paid = ✅ +{ $tokens }. Thank you! Balance: { $balance }.
paid-return =
    ✅ +{ $tokens }. Thank you! Balance: { $balance }.
    Your film waits below: press ▶️.
paid-return-short =
    ✅ +{ $tokens }. Thank you! Balance: { $balance }.
    Your film waits below. It needs { $missing } more.
paid-debt = Of these your debt was paid: { $debt }.
paid-again = Order <code>{ $code }</code> was paid twice. We will return the second payment, { $price }.
wrong-amount =
    For order <code>{ $code }</code> { $came } came instead of { $expected }. No tokens were credited yet.
    The admin knows already and will see to it. Your money is safe.
payment-unknown = We received { $price } from you and could not find the order it is for. The admin knows already and will see to it. Your money is safe.
refund-notice = ↩️ The payment for order <code>{ $code }</code> went back to you: { $price }. Taken back: { $tokens }. { $balance }
refund-failed-notice = The refund of order <code>{ $code }</code> did not go through, so the tokens are yours again: +{ $tokens }. { $balance }
undo-notice = The payment for order <code>{ $code }</code> ({ $price }) was not confirmed: the money did not reach us. Taken back: { $tokens }. { $balance } If this is a mistake, write to us: /paysupport
dispute-notice = ⏳ The payment for order <code>{ $code }</code> ({ $price }) is disputed at your bank. Frozen until that is decided: { $tokens }. { $balance }
dispute-won-notice = ✅ The dispute about order <code>{ $code }</code> is over, the tokens are yours again: +{ $tokens }. { $balance }
dispute-lost-notice = The bank has returned { $price } to you for order <code>{ $code }</code>. Taken back: { $tokens }. { $balance }
precheckout-unknown = This invoice is not yours or is out of date. Open /buy for a new one.
precheckout-paid = This order is paid already, there is no need to pay twice.
precheckout-dead = This invoice is not valid any more. Open /buy for a new one.
precheckout-amount = The price has changed. Open /buy for a new invoice.
answer-package-gone = This package is no longer sold. Choose another one below.
answer-checking = Checking. If the payment went through, the tokens come within seconds.
answer-paid = This order is paid already.
answer-order-cancelled = The order is cancelled.
alert-paid-again = ⚠️ Order { $code } (buyer { $who }) was paid twice: another { $price }. Return the second payment: <code>/refund { $payment }</code>. The bot returns Stars by itself.
alert-wrong-amount = ⚠️ Order { $code } (buyer { $who }): { $came } came instead of { $expected }, nothing was credited. Credit it with <code>/topup { $who } tokens</code> or return it with <code>/refund { $payment }</code>.
alert-payment-unknown = ⚠️ Buyer { $who } paid { $price } for an unknown invoice “{ $payload }”, nothing was credited. Credit it with <code>/topup { $who } tokens</code> or return it with <code>/refund { $payment }</code>.
alert-payment-unknown-stripe = ⚠️ Buyer { $who } paid { $price } by card for an unknown order “{ $payload }”, nothing was credited. Credit it with <code>/topup { $who } tokens</code> or return the payment in the Stripe Dashboard: <code>{ $payment }</code>.
alert-dispute = ⚠️ The payment for order { $code } ({ $price }, buyer { $who }) is disputed, the tokens are frozen. Answer the bank in the Stripe Dashboard: the deadline is shown there.
alert-dispute-refunded = ⚠️ The payment for order { $code } is disputed at the bank, although the money went back to the buyer before. Answer in the Stripe Dashboard and add the proof of the refund: the deadline is shown there.
alert-dispute-won = ✅ The dispute about order { $code } is won, the tokens are released.
alert-dispute-lost = ⚠️ The dispute about order { $code } is lost: { $price } are gone, the tokens were taken back. Should the bank decide otherwise on appeal, the tokens return by themselves.

## Refunds

refund-usage = Write it like this: <code>/refund K7F3QX</code> – an order's code, or the payment's id at Stripe or Telegram.
refund-unknown = I do not know a payment “{ $name }”. To be sure I am looking at Telegram's list of Stars: try again in a minute.
refund-sought = 🔎 I am asking Stripe whose payment this is: <code>{ $name }</code>.
refund-found = 🔎 <code>{ $name }</code> is order { $code }.
refund-nowhere = There is no payment <code>{ $name }</code>, neither in my books nor among this shop's payments at Stripe.
refund-not-sought = ✖️ Stripe did not say whose payment <code>{ $name }</code> is. The reason: <code>{ $detail }</code>.
refund-not-paid = Nothing was paid for order { $code }, there is nothing to return.
refund-not-again = Order { $code } was refunded before.
refund-not-disputed = The payment for order { $code } is disputed: the bank has the money. Answer the dispute in the Stripe Dashboard.
refund-rail-off = This payment ({ $price }) came by a way that is switched off now, so it cannot be returned from here. Switch it on in the bot's settings, or return the money in the Stripe Dashboard.
refund-under-way = This refund ({ $price }) is under way already.
refund-done-before = This refund ({ $price }) is done already.
refund-asked = ⏳ Returning { $price } to { $name } (<code>{ $id }</code>). The tokens will be taken back once the money has gone.
refund-done = ↩️ Returned { $price } to { $name } (<code>{ $id }</code>).
refund-failed = ✖️ Could not return { $price } to { $name } (<code>{ $id }</code>). Nothing was taken back, the message beside says why.
refund-by-hand =
    🏦 Order { $code }: { $name } (<code>{ $id }</code>), { $price } by Kaspi.
    Send this money back in the Kaspi app and press ✅. Then { $tokens } are taken back.
refund-spent = Spent already: { $tokens }. They become a debt, which the next tokens will pay.
refund-left = The payment for order { $code } was not returned.
button-refund-sent = ✅ The money is sent
answer-refunded = Noted: the money is sent, the tokens are taken back.
alert-refund-failed = ⚠️ The refund of { $price } to buyer { $who } did not go through: <code>{ $detail }</code>. Payment <code>{ $payment }</code>. See to the reason and try again: <code>/refund { $payment }</code>.
payments-usage = Write it so: <code>/payments</code> for this month, or <code>/payments 2026-10</code>.
payments-none = Nothing was paid in { $month }.
payments-file =
    { $lines ->
        [one] Paid in { $month }: { $lines } purchase.
       *[other] Paid in { $month }: { $lines } purchases.
    }
payments-cut = Paid in { $month }: the first { $lines } purchases. There are more than one file holds.

## Kaspi: the buyer

order-waiting-kaspi =
    🏦 <b>{ $tokens }</b>
    Transfer exactly <b>{ $price }</b> in Kaspi: we find your payment by this sum.
kaspi-phone = Phone: <code>{ $phone }</code>
kaspi-recipient = Recipient: { $recipient }
kaspi-then =
    Order <code>{ $code }</code>, valid until { $until } (Astana time).

    After paying, send the receipt here: a PDF file or a screenshot.
button-kaspi-open = 🏦 Open Kaspi
order-claimed =
    ⏳ <b>{ $tokens }</b> for { $price }, order <code>{ $code }</code>
    An admin has the receipt. The answer comes here.
kaspi-received =
    The receipt for order <code>{ $code }</code> has come, thank you. An admin will compare it with the money and confirm.
    { $wait }
kaspi-wait = This usually takes ≈ { $time }.
kaspi-wait-unknown = I cannot tell yet how long this takes: the answer comes here as soon as an admin has looked.
answer-kaspi-waits = An admin has the receipt. { $wait }
kaspi-send-receipt =
    Send the receipt for { $price }, order <code>{ $code }</code>, here: a PDF file from Kaspi (best) or a screenshot.
kaspi-not-a-receipt = This does not look like a receipt. For order <code>{ $code }</code> send a PDF file from Kaspi or a screenshot.
kaspi-too-large = This file is too large for a receipt. For order <code>{ $code }</code> send a PDF from Kaspi or a screenshot.
kaspi-which = Is this the receipt for order <code>{ $code }</code>, or the first frame of a new film?
button-is-receipt = ✅ It is the receipt
button-is-frame = 🎬 It is a frame for a film
kaspi-was-frame = I see, it is a frame for a film.
kaspi-was-receipt = I see, it is the receipt for order <code>{ $code }</code>.
kaspi-refused =
    ❌ The payment for order <code>{ $code }</code> could not be confirmed: { $reason }

    If you have paid, send the right receipt: the button below. If that does not help, write to us: /paysupport
kaspi-reason-nomoney = we do not see such a transfer.
kaspi-reason-used = this receipt was used before.
kaspi-reason-notreceipt = the file is not a receipt.
kaspi-reason-unreadable = the receipt cannot be read, please send a PDF or a better picture.
kaspi-reason-undone = the confirmation was a mistake, the money has not come.
order-refused =
    ❌ Order <code>{ $code }</code>, { $tokens }: the payment was not confirmed.
    If you have paid, send the receipt once more.
order-state-draft = no way to pay chosen
order-state-waiting = waits for payment
order-state-claimed = waits for an admin
order-state-paid = paid
order-state-expired = expired
order-state-cancelled = cancelled
order-state-refused = refused
order-state-refunded = paid back
order-state-disputed = disputed

## Kaspi: the admins' card

desk-title = 🏦 <b>Kaspi, order <code>{ $code }</code></b>: we expect <b>{ $price }</b> → { $tokens }
desk-read = The receipt says: { $fields }
desk-look = Look at the sum and the time in the receipt yourself.
desk-person = 👤 { $name }, <code>{ $id }</code>. Purchases: { $orders }, films: { $films }, with us since { $since }.
desk-doubt-used = ⚠️ The same receipt has come before: order { $code } ({ $state }, buyer { $who })
desk-doubt-amount = ⚠️ The receipt names another sum: { $shown }
desk-doubt-fits = ⚠️ This sum fits another order of the same buyer: { $code } ({ $state })
desk-doubt-recipient = ⚠️ The receipt names another recipient: { $recipient }
desk-doubt-old = ⚠️ The receipt is older than the order: { $time }
desk-doubt-future = ⚠️ The receipt's time has not come yet: { $time }
desk-doubt-encrypted = ⚠️ The PDF is locked with a password, I cannot read it
desk-doubt-too_large = ⚠️ The file is too large for a receipt, I have not read it
desk-doubt-no_text = ⚠️ The PDF has no text, only a picture
desk-doubt-unreadable = ⚠️ The PDF is damaged, I cannot read it
desk-doubt-not_a_pdf = ⚠️ This is no PDF
desk-doubt-lost = ⚠️ The file could not be fetched, I have not checked it
desk-doubt-new = ⚠️ A new buyer, this is their first purchase
desk-confirm = ❓ Do you see <b>{ $price }</b> in the Kaspi app? A receipt proves nothing.
desk-why = ❓ Why refuse? The buyer will read the reason.
desk-undo = ❓ Undo the confirmation and take { $tokens } back?
desk-waits = ⏳ The buyer has waited for { $time }.
desk-first = ✅ { $who } sees { $price } in Kaspi. The sum is large: one more admin is needed.
desk-paid = ✅ { $price } confirmed, { $tokens } credited. { $who }, { $time }
desk-refused = ❌ Refused: { $reason } { $who }, { $time }
desk-over = ℹ️ The order: { $state }.
desk-moved = 🏦 Order <code>{ $code }</code>: see its newer card in this chat.
desk-own = This is your own order. Another admin will look at it.
desk-stale = The order has changed since. The card is fresh now, please look again.
desk-refused-answer = Refused, the buyer will read the reason.
desk-first-answer = Noted. Now another admin must confirm.
desk-too-little = This sum does not buy a single token.
desk-approved-answer = Confirmed: +{ $tokens }.
desk-undone-answer = The confirmation is undone, the tokens are taken back.
desk-done = 🏦 Order <code>{ $code }</code>: done, see its card.
desk-type-amount = How many tenge came for order <code>{ $code }</code>? Write a number.
desk-type-reason = Why refuse order <code>{ $code }</code>? Write one message, the buyer will read it.
desk-amount-wrong = This is no sum. For order <code>{ $code }</code> write whole tenge, for example 2000.
desk-confirm-amount = ❓ Order <code>{ $code }</code>: do you see <b>{ $came }</b> in the Kaspi app ({ $expected } were expected)? Then I credit { $tokens }.
button-desk-ok = ✅ { $price } came
button-desk-amount = ✏️ Another sum
button-desk-no = ❌ Refuse
button-desk-yes = ✅ Yes, I see { $price }
button-desk-back = ⬅️ Back
button-desk-nomoney = ❌ No money to be seen
button-desk-used = ❌ The receipt was used before
button-desk-notreceipt = ❌ Not a receipt
button-desk-unreadable = ❌ Cannot be read
button-desk-typed = ✏️ Write it myself
button-desk-undo = ↩️ Undo the confirmation
button-desk-undo-yes = ↩️ Yes, undo

## Statement

balance-debt = You owe { $debt }, which your next tokens will pay.
balance-frozen = Frozen because of a disputed payment: { $frozen }.
statement-line = { $date }  <b>{ $amount }</b>  { $what }
statement-film = film № { $number } “{ $prompt }”
statement-film-refund = paid back for a film ({ $memo })
statement-welcome = welcome gift
statement-topup = from the admin
statement-purchase = purchase, order
statement-refund = refund, order
statement-refund-failed = refund did not go through, order
statement-dispute = payment disputed, order
statement-dispute-won = dispute over, order
statement-undo = payment not confirmed, order
statement-debt = debt paid
statement-promo = promo code
statement-referral = for a friend you invited
statement-other = other
statement-file =
    { $lines ->
        [one] Statement: { $lines } line.
       *[other] Statement: { $lines } lines.
    }
button-statement = 📄 Statement as a file
column-time = Time (Kazakhstan)
column-what = What
column-tokens = Tokens
column-balance = Balance

## Bank cards (Stripe)

stripe-product = { $tokens } · { -bot }
button-pay-page = 💳 Pay { $price }
order-waiting-stripe =
    💳 <b>{ $tokens }</b> for { $price }, order <code>{ $code }</code>

    { $state }
stripe-preparing = I am preparing the payment page, one moment…
stripe-ready = Press the button: the payment page of Stripe opens, it takes Visa and Mastercard of any bank. Then come back here, the tokens come by themselves.
stripe-unpaid = No payment has arrived yet. If you have just paid, wait a minute and press 🔄 once more.
stripe-away = The card service does not answer at the moment. I keep trying, and nothing has been charged. If you are in a hurry, choose another way.
stripe-refused = Payment by card did not work for order <code>{ $code }</code>, and nothing was charged. Please choose another way: /buy
stripe-vanished = The payment page of order <code>{ $code }</code> is gone, so please open a new one: /buy. If you have paid already, write to us: /paysupport
returned-checking = I am checking the payment for order <code>{ $code }</code>. If it went through, the tokens come within seconds.
returned-paid = ✅ Order <code>{ $code }</code> is paid. Your balance: { $balance }.
alert-stripe-key = 🔴 Stripe refuses the key, so nobody can pay by card: <code>{ $detail }</code>. Check STRIPE_SECRET_KEY and the permissions of a restricted key; <code>kadr doctor</code> helps.
alert-stripe-key-over = ✅ Stripe takes the key again.
alert-stripe-refused = ⚠️ Stripe refused a payment page for order { $code }: <code>{ $detail }</code>. The buyer was asked to choose another way. Check the account in the Stripe Dashboard.
alert-stripe-vanished = ⚠️ Stripe does not know the payment page of order { $code } any more: <code>{ $session }</code>. STRIPE_SECRET_KEY is probably of another account or of the other mode. If it was paid, credit it with <code>/topup</code>.
alert-stripe-mode = ⚠️ Order { $code } was paid in the other mode of Stripe (test money for a live order, or the reverse): <code>{ $session }</code>. Nothing was credited.
alert-stripe-not-listed = ⚠️ Order { $code } ({ $price }) was credited, but it is not among the paid pages at Stripe: <code>{ $session }</code>. Look it up in the Stripe Dashboard; if there is no payment, take the tokens back with <code>/topup</code>. A key that was changed for one of another account does this too.

invoice-refused = Telegram does not take the invoice for order <code>{ $code }</code>, so the order is cancelled and nothing was paid. Try again later or choose another way: /buy
alert-invoice-refused = ⚠️ Telegram refused the invoice of order { $code }: <code>{ $detail }</code>. See whether @BotFather still lets the bot take Stars, and whether the package's price is one Telegram takes.
order-mention = <code>{ $code }</code> · { $tokens } · { $price } · { $state }

## Promo codes and invitations

promo-usage = Send the promo code like this: <code>/promo CODE</code>.
promo-done = 🎁 +{ $tokens } by promo code. Balance: { $balance }.
promo-unknown = There is no such promo code. Please check the spelling.
promo-again = You have used the promo code { $code } already. Balance: { $balance }.
promo-over = The promo code { $code } is over.
promo-used-up = The promo code { $code } is used up.
promo-admin-usage =
    <code>/promo new CODE tokens [how many people] [until]</code> – a new promo code. Until: <code>30d</code> or <code>2027-01-31</code>; a dash <code>-</code> means without a limit.
    <code>/promo list</code> – all promo codes
    <code>/promo stop CODE</code> – stop one
promo-bad-code = A promo code has 3 to 32 characters: Latin letters, digits, _ and -.
promo-bad-tokens = How many tokens? A whole number, at most { $limit }.
promo-bad-time = Write the time like <code>30d</code> (days) or <code>2027-01-31</code>, and not in the past.
promo-exists = There is a promo code { $code } already.
promo-made =
    🎁 Done. { $line }
    { $link }
promo-none = There are no promo codes yet.
promo-line = <code>{ $code }</code>: { $tokens }, used: { $used } of { $limit }, until: { $until }
promo-stopped = The promo code { $code } is stopped.
invite =
    👥 <b>Invite a friend</b>
    For the first purchase of a friend who comes by your link you get { $reward }.

    { $link }

    Friends who came: { $friends }, bought: { $buyers }, earned: { $earned }.
invite-off = Invitations earn nothing at the moment.
button-copy-link = 📋 Copy the link
referral-earned = 👥 +{ $reward }: your friend { $friend } has bought for the first time. Thank you! Balance: { $balance }.
referral-lost = 👥 Your friend's purchase was taken back, and the reward with it: { $reward }. Balance: { $balance }.
menu-invite = Invite a friend
menu-promo = A promo code
