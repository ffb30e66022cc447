# Texts a person reads, in English. Text arguments arrive escaped for Telegram's HTML.
# Amounts of tokens arrive whole, with their noun: see `tokens`.

-bot = Kadr

tokens = { $n ->
    [one] { NUMBER($n, useGrouping: 0) } token
   *[other] { NUMBER($n, useGrouping: 0) } tokens
}
duration-seconds = { $seconds } s
duration-minutes = { $minutes } min
duration-both = { $minutes } min { $seconds } s

## The first minutes

start-new =
    Hello, { $name }! I make short films from your words.

    You have { $gift }. Write me what should happen in the first one, for example:

    <i>{ example-prompt }</i>
start-gift = { $films ->
    [0] { $balance } as a welcome gift towards your films
    [one] { $balance } as a welcome gift, enough for { $films } film
   *[other] { $balance } as a welcome gift, enough for { $films } films
}
start-photo = You can also start from a photo: send it with a caption.
start-again =
    Hello again, { $name }! You have { $balance }.

    Write me what should happen in your film, and I will show you its price.
example-prompt = A golden eagle glides over the snowy peaks above Almaty at dawn, slow camera
new-film =
    What should happen in your film? Write it in one message, for example:

    <i>{ example-prompt }</i>
help =
    <b>How it works</b>
    1. Write what should happen in the film. { $photo }
    2. Look at the card: model, length, size and price. ⚙️ changes them.
    3. Press ▶️. I show the progress and send you the film.

    If a film does not work out, its tokens come back by themselves.

    /new – a new film
    /videos – my films
    /balance – my tokens
    /buy – get tokens
    /promo – use a promo code
    /invite – invite a friend
    /cancel – cancel what has not started
    /lang – language
    /terms – terms
    /paysupport – help with a payment
terms =
    <b>Terms</b>
    Tokens are spent on films and on nothing else. You pay only for a film that reaches you: if it does not, its tokens come back at once.

    Films are made by AI from your words. Do not ask for what the law forbids, or for real people without their consent: the service will refuse, and the tokens come back.

    Questions about a payment: /paysupport
paysupport =
    <b>Help with a payment</b>
    Write to { $admin } in one message what happened, and give your number: <code>{ $user_id }</code>. We look at every payment ourselves and answer within a day.
admin-contact = <a href="tg://user?id={ $id }">the admin</a>
buy-by-admin =
    <b>Get tokens</b>
    You have { $balance }. To get more, write to { $admin } and give your number: <code>{ $user_id }</code>.
unknown-command = I do not know this command. Here is everything I can do: /help
not-text = I understand words: write me what should happen in the film.
not-photo = I cannot start from a picture yet. Write in words what should happen in the film.
nothing-on-sale = Nothing is on sale at the moment. Please come back a little later.
picture-words = A fine first frame. Now write what should happen in the film.
picture-album = This is an album, and a film begins from one picture: I take the first.
picture-not_an_image = This file is not a picture I can begin from. Send a photo, or a JPEG, PNG, WebP or HEIC file.
picture-animated = A moving picture cannot be the first frame. Send a still one, please.
picture-too_small = This picture is too small to begin a film from. Send a larger one, please.
picture-too_large_file = This file is too large: I can take 20 MB. Send it as a photo, or a smaller file.
picture-too_many_pixels = This picture has too many pixels. Send it as a photo, and Telegram will make it smaller.
picture-truncated = This picture arrived damaged. Please send it once more.
picture-unsupported = I cannot read this kind of picture. Send it as a photo, or as a JPEG, PNG, WebP or HEIC file.
picture-lost = I could not fetch your picture from Telegram. Please send it once more.
prompt-too-long = This text is too long: { $length } characters. { $model } takes { $limit } at most. Please shorten it a little.
sorry = Something went wrong on our side. We are already looking into it. Your tokens are safe. Please try once more.

## Balance and language

balance = 💰 You have { $balance }.
balance-held = 💰 You have { $balance }. Set aside for films being made: { $held }.
lang-choose = Choose a language:
lang-chosen = From now on I speak English.

## The card of a draft

card =
    🎬 <b>{ $prompt }</b>

    Model: <b>{ $model }</b> ({ $note })
    Length: <b>{ $seconds } s</b>
    Size: <b>{ $size }</b>, { $shape }
    Price: <b>{ $price }</b>
    Balance after: <b>{ $after }</b>
    Wait: ≈ { $wait }
card-short =
    🎬 <b>{ $prompt }</b>

    Model: <b>{ $model }</b> ({ $note })
    Length: <b>{ $seconds } s</b>
    Size: <b>{ $size }</b>, { $shape }
    Price: <b>{ $price }</b>
    You have { $balance } and are <b>{ $missing }</b> short
    Wait: ≈ { $wait }
shape-tall = vertical
shape-wide = horizontal
shape-square = square
card-remix = 🎲 A new version of film № { $number }
card-extend = ➕ Film № { $number } continued: { $seconds } s more
card-started = 🎬 <b>{ $prompt }</b>

    Film № { $number } is ordered.
    { $model } · { $seconds } s · { $size } · { $price }
card-closed = <s>{ $prompt }</s>

    Cancelled.
button-start = ▶️ Make it for { $price }
button-settings = ⚙️ Settings
button-settings-close = ⚙️ Hide
button-cancel = ✖️ Cancel
button-edit = ✏️ Change the text
button-buy = 💰 Get tokens
button-again = 🔁 Again
button-variation = 🎲 Another version
button-change = ✏️ Change
button-extend = ➕ Continue
button-films-mine = 🎬 My films
button-film = 🎬 Film { $number }
choice-seconds = { $seconds } s
edit-ask = Send the new text of this film in one message.
change-ask = Write what this film should become, in one message.
answer-source-gone = The film service no longer has this film, so it cannot be changed or continued. 🔁 under the film makes it anew.
answer-started = Film № { $number } is ordered.
answer-already = This film is already ordered: № { $number }.
answer-short = You are { $missing } short. Get more tokens, then press ▶️ again.
answer-stale = This button is no longer active.
answer-gone = This choice is no longer on sale. I have put the nearest one on the card.
answer-variation = The same words give another film each time. Its card is below: press ▶️.
answer-rests = { $model } is resting: its service does not answer. Nothing was charged. Choose another model, or try again in { $wait }.

## A job

job-queued =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    In line: { $place } of { $all }
job-submitting =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    Starting…
job-processing =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    { $bar } { $percent } %
    Left: ≈ { $left }
job-processing-estimate =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    { $bar } ≈ { $percent } %
    Left: ≈ { $left }
job-late =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    { $bar } ≈ { $percent } %
    This takes longer than usual, and I am still waiting for it.
job-checking =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    The connection broke while ordering. I am checking whether the film is being made; no tokens are spent yet.
job-sending =
    🎬 Film № { $number }: <i>{ $prompt }</i>

    { $bar } 100 %
    Sending it to you…
job-done = ✅ Film № { $number } is ready: <i>{ $prompt }</i>
job-cancelled =
    Film № { $number } is cancelled.
    Returned: { $refund }. Balance: { $balance }.
job-failed = ✖️ Film № { $number }: <i>{ $prompt }</i>
film-caption =
    🎬 { $prompt }

    Price: { $price }
    Balance: { $balance }
film-caption-part =
    🎬 { $prompt }
    Part { $part } of { $all }

    Price: { $price }
    Balance: { $balance }
failed =
    Film № { $number } did not work out: <i>{ $prompt }</i>

    { $reason }

    Returned: { $refund }. Balance: { $balance }.
failure-moderation = The film service does not accept such content. Try to say it in other words.
failure-moderation_picture = The service did not accept the picture. Try another one; it often refuses faces of real people.
failure-picture = The picture could not be used. Please send it again.
failure-refused = The film service did not accept this order. Try another size, length or text.
failure-backend = The film service failed while making it. It often works at the second try.
failure-unavailable = The film service does not answer at the moment. Please try again in a few minutes.
failure-forgotten = The film service restarted and lost it. Please try again.
failure-source_gone = The film service no longer has the film that this one was to be made from. 🔁 makes it anew.
failure-unknown = The connection broke while ordering, and there is no way to find out whether the film was made.
failure-timeout = It took much longer than it should.
failure-broken_film = The film service sent no film that plays.
failure-undeliverable = Telegram did not take the file.
answer-cancelled = Cancelled. Returned: { $refund }.
answer-too-late = The film is already being made and can no longer be cancelled.

cancel-nothing = There is nothing to cancel.
cancel-done = Cancelled. Returned: { $refund }. Balance: { $balance }.
cancel-drafts = Cancelled. Balance: { $balance }.
cancel-at-work = Films being made cannot be cancelled: № { $numbers }.

## My films

videos-none = You have no films yet. Write me what should happen in the first one.
videos = <b>My films</b>
videos-line = { $sign } № { $number } · { $seconds } s · <i>{ $prompt }</i>
videos-gone = This film is no longer kept. 🔁 makes it again.

## A film as a file

button-file = 📄 As a file
answer-file = Sending the file…
film-file = 📄 Film № { $number } as a file, in its original quality.
film-file-part = 📄 Film № { $number } as a file: part { $part } of { $all }.
film-file-gone = Film № { $number } could not be sent as a file: we keep files for a day. The film itself stays in this chat: open it and press Save.

## Admins

alert-unknown = ⚠️ Job { $job }: whether { $backend } made it could not be found out, and the buyer was refunded. Look into the backend's own list: <code>{ $detail }</code>
alert-unavailable = ⚠️ { $backend } refuses to work: <code>{ $detail }</code>. Check its key, its funds and its address (OPENAI_BASE_URL, or base_url in the catalogue).
alert-unreachable = ⚠️ { $backend } cannot be reached: <code>{ $detail }</code>. New films wait; I keep trying and will say when it is back.
alert-recovered = ✅ { $backend } works again.
alert-undeliverable = ⚠️ Job { $job }: Telegram did not take the film, and the buyer was refunded: <code>{ $detail }</code>
alert-refused = ⚠️ { $backend } refused job { $job } though the catalogue offers it, and the buyer was refunded: <code>{ $detail }</code>. Correct the catalogue; <code>kadr doctor</code> helps.
alert-retiring = ⚠️ { $model } retires on { $date } and is sold until then. Put its successor into the catalogue.
alert-retired = ⚠️ { $model } retired on { $date } and is no longer offered. Take it out of the catalogue.
alert-unseen = ⚠️ Job { $job }: until its time was over { $backend } could not tell what became of it; the buyer has the tokens back: <code>{ $detail }</code>. New orders still go there; look at the service itself.
alert-moderation = ⚠️ { $backend } does not judge texts beforehand, although the catalogue names a <code>moderation</code>: <code>{ $detail }</code>. Orders go on without it; mend the catalogue.
alert-handler = ⚠️ Update { $update } could not be handled: <code>{ $detail }</code>. It is kept in the inbox as failed.
alert-poller = ⚠️ Job { $job }: its poller failed again and again, and the buyer was refunded: <code>{ $detail }</code>

## The menu

menu-new = A new film
menu-videos = My films
menu-balance = My tokens
menu-buy = Get tokens
menu-cancel = Cancel what has not started
menu-lang = Language
menu-help = How it works
menu-terms = Terms
menu-paysupport = Help with a payment
