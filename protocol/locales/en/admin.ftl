# What admins read: people, jobs, orders, figures, broadcasts, alerts.

## Broadcasts

people-count = { $n ->
    [one] { NUMBER($n, useGrouping: 0) } person
   *[other] { NUMBER($n, useGrouping: 0) } people
}
broadcast-usage = Write <code>/broadcast</code> and the text after it, or answer with <code>/broadcast</code> to the message everybody should see: a text, a photo or a video. I will show it to you first.
broadcast-draft =
    📣 <b>Broadcast № { $number }</b>

    Above is what people will see. Who should see it?
    Now it goes to { $people }.
broadcast-sure =
    📣 <b>Broadcast № { $number }</b>

    That is { $people }, and it will take ≈ { $time }. Shall it really go out?
broadcast-waiting = 📣 Broadcast № { $number } to { $people } begins when the one before it has ended.
broadcast-sending =
    📣 Broadcast № { $number } is going out

    { $bar } { $percent } %
    Sent: { $sent } of { $all } · blocked: { $blocked } · failed: { $failed }
    Left: ≈ { $left }
broadcast-done =
    ✅ Broadcast № { $number } has ended

    Sent: { $sent } of { $all } · blocked: { $blocked } · failed: { $failed } · still on their way: { $way }
    Time: { $time }
broadcast-stopped =
    ✖️ Broadcast № { $number } was stopped

    Sent: { $sent } of { $all } · blocked: { $blocked } · failed: { $failed } · still on their way: { $way } · not sent: { $rest }
    Time: { $time }
broadcast-broken =
    ⚠️ Broadcast № { $number } broke off: <code>{ $reason }</code>

    Sent: { $sent } of { $all } · blocked: { $blocked } · failed: { $failed } · still on their way: { $way } · not sent: { $rest }
    Time: { $time }
    Is the message still there, and may it be copied? Make a new one with /broadcast.
broadcast-cancelled = Broadcast № { $number } was dropped, nobody saw it.
broadcast-to-all = Everybody · { $n }
broadcast-to-paid = Paid · { $n }
broadcast-to-unpaid = Never paid · { $n }
broadcast-to-active = Seen in 30 days · { $n }
broadcast-any-language = All languages
broadcast-button-test = 👁 Show it to me once more
broadcast-button-start = ✅ Send
broadcast-button-drop = ❌ Drop
broadcast-button-stop = ✖️ Stop
broadcast-answer-started = It is going out.
broadcast-answer-stopped = Stopped.
broadcast-answer-nobody = Nobody would see it. Choose other people.

## People and top-ups

users-none = Nobody found.
users-title = <b>People</b>: { $total }
users-line = <code>{ $id }</code> { $name } · { $balance } · { $seen }
users-seen = { $days ->
    [0] today
    [one] { $days } day ago
   *[other] { $days } days ago
}
topup-usage = Write it like this: <code>/topup 123456 100 reason</code> or <code>/topup @name -50 reason</code>
topup-unknown = I have not met { $who }: they have to write to me first.
topup-done = { $name } (<code>{ $id }</code>): { $change }. Balance: { $balance }.
topup-below = { $name } has { $balance } free: that is less than you want to take.
topup-too-many = { $limit } at most at a time.
topup-notice-plus = 💰 You have been given { $amount }. Balance: { $balance }.
topup-notice-minus = 💰 Taken back: { $amount }. Balance: { $balance }.
menu-users = People
menu-topup = Give or take tokens
users-filter-all = all
users-filter-balance = with tokens
users-filter-paid = have paid
users-filter-new = new today
users-filter-active = last 7 days
users-filter-banned = banned
users-filter-gone = left
user-usage = Write it like this: <code>/user 123456</code> or <code>/user @name</code>
user-card =
    👤 <b>{ $name }</b>
    <code>{ $id }</code> · { $language } · since { $since } · { $seen }

    Free: <b>{ $balance }</b>, held: { $held }
    Spent: { $spent }
    Films: ✅ { $delivered } · ✖️ { $failed } · ⏳ { $work }
    Purchases: { $orders }, paid: { $paid }
user-owes = Owes: { $debt }
user-banned = 🚫 Banned { $ago }. Reason: { $reason }
user-gone = Stopped the bot { $ago }.
user-gift = How many tokens for { $name }? Send a number and, if you like, a reason: <code>250 for your patience</code>. A minus takes. Above { $limit } you will be asked to confirm.
ago-minutes = { $n ->
    [0] just now
   *[other] { $n } min ago
}
ago-hours = { $n } h ago
button-gift-other = 💰 Other sum
button-films = 🎬 Films
button-ban = 🚫 Ban
button-ban-yes = ✅ Yes, ban
button-ban-no = ❌ No
button-unban = ✅ Unban
button-refresh = 🔄 Refresh
admin-reason = Reason: { $reason }
topup-asked =
    A large sum, please check.
    <b>{ $name }</b> (<code>{ $id }</code>): <b>{ $change }</b>
    Now: { $balance }. Then: { $after }.
topup-asked-again =
    ⚠️ This is very much. If it is right, press ✅ once more.
    <b>{ $name }</b> (<code>{ $id }</code>): <b>{ $change }</b>
    Now: { $balance }. Then: { $after }.
topup-refused = Refused, nothing has changed. { $name } (<code>{ $id }</code>): <s>{ $change }</s>. Balance: { $balance }.
topup-undone = Undone. { $name } (<code>{ $id }</code>): <s>{ $change }</s>. Balance: { $balance }.
topup-undo-late = More than a day has passed: it cannot be undone any more. Mend it with /topup.
topup-why = Send the reason in one message.
topup-why-done = The reason is written down.
button-topup-yes = ✅ Yes
button-topup-no = ❌ No
button-undo = ↩️ Undo
button-reason = ✏️ Add a reason

## Jobs

jobs-filter-all = all
jobs-filter-queued = queued
jobs-filter-work = at work
jobs-filter-delivered = delivered
jobs-filter-failed = failed
jobs-filter-cancelled = cancelled
jobs-none = There are no such jobs.
jobs-title =
    <b>Jobs</b>: { $total }
    Earned: { $earned } · cost { $cost } · margin { $margin }
jobs-line = { $sign } <b>{ $number }</b> { $name } · { $model } { $seconds } s · { $price } · { $ago }
job-usage = Write it like this: <code>/job 17</code>. The list: /jobs
job-unknown = There is no job { $number }.
job-card =
    🎬 <b>Job { $number }</b>: { $state }
    <i>{ $prompt }</i>

    { $name } (<code>{ $id }</code>)
    { $model } · { $seconds } s · { $size } · { $price }
    Backend: { $backend } · <code>{ $backend_id }</code>
job-margin = Cost: { $cost } · margin: { $margin }
job-cost = Cost if it is made: { $cost }
job-history = <b>History</b>
job-moment = { $time } { $what }
job-at-ordered = ordered
job-at-submitted = sent to the backend
job-at-accepted = accepted by the backend
job-at-ready = the file is here
job-state-queued = queued
job-state-submitting = being sent to the backend
job-state-unknown = the connection broke, looking for it at the backend
job-state-processing = at work
job-state-ready = being sent to the buyer
job-state-delivered = delivered
job-state-failed = failed and refunded
job-state-cancelled = cancelled
job-progress = Done: { $percent } %
job-error = Error <code>{ $failure }</code>: <code>{ $detail }</code>
job-refunded = ↩️ Paid back to the buyer: { $price }
job-deed = { $time } <code>{ $what }</code> { $detail }
job-ended = This job has ended already.
job-soon = It is on its way right now. Try again in a minute.
job-unpaid = Nothing was paid for this job.
job-runs = It is still at work.
job-gone = { $model } in this size is no longer sold.
job-no-picture = The picture of this job is no longer here. Ask the person to send it again.
job-no-source = Film № { $number }, from which it was made, is no longer at the backend.
job-no-film = Telegram no longer has this file.
job-refund-notice = 💰 Paid back for film № { $number }: { $amount }. The film is yours to keep. Balance: { $balance }.
job-retry-notice = 🎁 Film № { $number } is being made again, free of charge: it is film № { $again } now.
button-job-cancel = ✖️ Cancel the job
button-job-stop = ✖️ Stop waiting
button-job-refund = ↩️ Refund
button-job-deliver = 📤 Deliver again
button-job-retry = 🔁 Retry for free
button-job-cancel-yes = ✅ Yes, cancel
button-job-stop-yes = ✅ Yes, stop and refund
button-job-refund-yes = ✅ Yes, refund
button-job-person = 👤 The buyer
answer-done = Done.

## Doors and pauses

ban-usage = Write it like this: <code>/ban 123456 reason</code> or <code>/ban @name reason</code>
ban-done = 🚫 { $name } (<code>{ $id }</code>) is banned. Films that run are delivered. To take it back: <code>/unban { $id }</code>
ban-already = { $name } is banned already.
ban-admin = { $name } is an admin and cannot be banned.
ban-none = { $name } is not banned.
unban-usage = Write it like this: <code>/unban 123456</code> or <code>/unban @name</code>
unban-done = ✅ { $name } (<code>{ $id }</code>) is no longer banned.
banned = You cannot use this bot any more. Films that are being made will still come. If this is a mistake, or about a payment: /paysupport
answer-banned = You cannot use this bot any more. If this is a mistake: /paysupport
unbanned = You can use the bot again. Write what should happen in a film.
maintenance-usage = Write it like this: <code>/maintenance on Back at 15:00</code> or <code>/maintenance off</code>
maintenance-sentence = We are updating the bot. Please come back a little later.
maintenance-on = 🔧 The pause has begun. No new films start, those that run go on. People read: <i>{ $sentence }</i>
maintenance-off = ✅ No pause: films can be ordered again.
maintenance-is-on = 🔧 The pause began { $ago }. People read: <i>{ $sentence }</i>
maintenance-is-off = There is no pause. To begin one: <code>/maintenance on Back at 15:00</code>
maintenance-long = Too long: { $length } characters, there is room for { $limit }.
maintenance-notice = 🔧 { $sentence }
answer-maintenance = { $sentence }

## Prices and the log

price-usage = To change one: <code>/price sora-2 720x1280 6</code>. Back to the catalogue's: <code>/price sora-2 720x1280 reset</code>
price-title = <b>Tokens per second</b> (in brackets: the catalogue's, where it was changed)
price-done = { $model } { $size }: { $price } per second.
price-no-model = There is no model { $model }. There are: { $known }.
price-no-size = It has no size { $size }. There are: { $known }.
price-number = { $text } will not do: it takes a whole number from 1 to { $most }.
package-usage = To change a package's tokens, tenge and Stars: <code>/package small 100 2490 250</code>. Back to the catalogue's: <code>/package small reset</code>
package-title = <b>Packages of tokens</b>
package-line = <code>{ $id }</code>: { $tokens } · { $kzt } · { $stars }
package-done = Package { $package }
package-none = There is no package { $package }. There are: { $known }.
package-too-much = Too much ({ $field }): { $limit } at most.
answer-price = The price has changed: it is { $price } now. Look at the card and press ▶️ once more.
log-empty = The log is empty.
log-title = <b>What admins did</b>
log-line = { $time } · <code>{ $admin }</code> · <b>{ $what }</b> <code>{ $subject }</code> · { $detail }
failure-stopped = We stopped it. Questions: /paysupport
help-admin =
    <b>For admins</b>
    /users – people · /user 123 – one person
    /topup 123 100 reason – give or take tokens
    /jobs – jobs · /job 17 – one job
    /stats – figures · /broadcast – a message to many
    /ban 123 · /unban 123 – shut out, let in
    /maintenance on – a pause
    /price · /package – prices and packages
    /promo new – promo codes
    /refund – pay back a payment · /backup – a copy of the database
    /payments – a month's purchases as a table
    /log – what admins did
menu-user = One person
menu-jobs = Jobs
menu-job = One job
menu-stats = Figures
menu-ban = Ban somebody
menu-unban = Unban somebody
menu-broadcast = A message to many
menu-maintenance = A pause for everybody
menu-refund = Pay back a payment
menu-payments = Purchases of a month
menu-backup = A copy of the database
menu-price = Prices of films
menu-package = Packages of tokens
menu-log = What admins did

# The operator's port

alert-operator-port =
    ⚠️ The live feed and the dashboard are off: { $address } cannot be opened (<code>{ $detail }</code>).
    The bot works all the same. Is another program on that port? Set OPERATOR_ADDR to a free one and restart; the port is tried again every 30 seconds.

## Backups

backup-begun = 💾 I am making a copy of the database. The shop works on meanwhile.
backup-not-sqlite = Copies are made of SQLite only. Your database is PostgreSQL: use its own <code>pg_dump</code>.
backup-copies = { $copies ->
    [one] On the disk there is { $copies } copy now.
   *[other] On the disk there are { $copies } copies now.
}
backup-made-sent =
    💾 The copy of the database is ready: <code>{ $name }</code>, { $megabytes } MB. It comes here as a file.
    I have restored it on the side and checked the books. Films are not part of it. { $stay }
backup-made-sealed =
    💾 The copy of the database is ready: <code>{ $name }</code>, { $megabytes } MB. It lies in the folder <code>backups</code> of the bot.
    I have restored it on the side and checked the books. Films are not part of it. { $stay }
backup-made-plain =
    💾 The copy of the database is ready: <code>{ $name }</code>, { $megabytes } MB. It lies in the folder <code>backups</code> of the bot.
    I have restored it on the side and checked the books. Films are not part of it. { $stay }
    It is not encrypted, so I do not send it here: set <code>BACKUP_AGE_RECIPIENT</code> to a key of yours.
backup-made-large =
    💾 The copy of the database is ready: <code>{ $name }</code>, { $megabytes } MB. It lies in the folder <code>backups</code> of the bot: for Telegram it is too large.
    I have restored it on the side and checked the books. Films are not part of it. { $stay }
backup-failed = 💾 There is no copy: <code>{ $reason }</code>. In the shop nothing has changed.
backup-caption = 💾 Copy of the database, { $megabytes } MB. Keep it somewhere safe: <code>kadr restore</code> brings it back.
alert-backup-failed =
    ⚠️ Tonight's copy of the database could not be made: <code>{ $reason }</code>.
    I shall try again every half hour. What to do: look at the free space of the disk, then send /backup.
alert-backup-again = ✅ Copies of the database are made again.
alert-backup-books =
    🔴 The copy of the database is whole, but its books do not agree. Differences found: { $count }. The first: <code>{ $first }</code>
    What to do: run <code>kadr audit</code> and look into it before you sell on.
alert-backup-bucket =
    ⚠️ The copy <code>{ $name }</code> lies on the disk, but the bucket did not take it: <code>{ $reason }</code>.
    What to do: look at the BACKUP_S3 variables and at the bucket's rights.
alert-backup-bucket-again = ✅ Copies of the database reach the bucket again.
alert-restored =
    ⚠️ The database was restored from the copy of { $when } UTC. What happened later is not in it.
    Queued films paid back: { $films } · broadcasts stopped: { $broadcasts }
    What to do: hold payments since then (Stripe, Kaspi, Stars) against /users, and mend with /topup.

## Alerts: each says what happened and what to do

alert-more =
    ⚠️ { NUMBER($number, useGrouping: 0) } more like this within the hour, which I do not tell one by one. The latest:

    { $latest }
alert-queue = ⚠️ Film № { $job } has been waiting in line for { $waited }, which is longer than it should. Does the backend take jobs? Look at /jobs; more places in the catalogue (<code>concurrency</code>) make the line shorter.
alert-queue-over = ✅ The line of films moves again.
alert-audit =
    🔴 The books do not agree. Differences found: { NUMBER($count, useGrouping: 0) }.
    <code>{ $first }</code>
    Switch /maintenance on, make a /backup, and look into <code>kadr audit</code> before anybody buys more.
alert-audit-over = ✅ The books agree again.
alert-conflict = 🔴 For { $since } somebody else has been asking Telegram for this bot's updates (409 Conflict), so I hear nothing. Find the second copy of the bot (an old service, a developer's computer) and stop it; if there is none, take a new token from @BotFather.
alert-conflict-over = ✅ Nobody else takes this bot's updates any more.
alert-disk = ⚠️ The disk is { $percent } % full, { $free } MB are left. Make it larger in the dashboard of your host (a disk cannot be made smaller again), or take old backups away.
alert-disk-over = ✅ There is room on the disk again.
alert-memory = ⚠️ The bot uses { $percent } % of its memory, { $used } of { $limit } MB. At 100 % the machine ends it. Restart it at a quiet hour; if it comes back, take a larger instance.
alert-memory-over = ✅ Memory is back to normal.
alert-actor = ⚠️ A part of the bot failed and was started again: <b>{ $actor }</b>, <code>{ $reason }</code>. Nothing is lost. If it goes on, send the log to the developers and go back to the release before.
alert-backup-late = ⚠️ The last copy of the database is { NUMBER($hours, useGrouping: 0) } hours old. Make one now with /backup; if that fails, it says why.
alert-backup-late-over = ✅ There is a fresh copy of the database again.
alert-started = ℹ️ Kadr { $release } runs now; before it was { $before }. Films taken up again: { NUMBER($recovered, useGrouping: 0) }.
alert-crashed = ⚠️ The bot was ended without being asked (killed, out of memory or a crash) and runs again: Kadr { $release }. Films taken up again: { NUMBER($recovered, useGrouping: 0) }. If this repeats, look at the memory and the log around { $at }.

## Figures

stats-today = Today
stats-week = 7 days
stats-month = 30 days
stats-part =
    <b>{ $title }</b>
    New people: { NUMBER($people, useGrouping: 0) }
    Films: ✅ { NUMBER($delivered, useGrouping: 0) } · ✖️ { NUMBER($failed, useGrouping: 0) }
    Income: { $income }
    Tokens: sold { NUMBER($sold, useGrouping: 0) } · spent { NUMBER($spent, useGrouping: 0) }
    Cost: { $cost } · margin: { $margin } ({ $share })
stats-waits = Waiting: usually { $usual }, nine of ten up to { $long }
stats-caption = The last 30 days
stats-draw-title = Kadr: the last 30 days
stats-draw-films = Films
stats-draw-delivered = delivered
stats-draw-failed = failed
stats-draw-income = Income by rail, ≈ $
stats-draw-margin = Cost and margin, $
stats-draw-cost = cost
stats-draw-left = margin
stats-draw-waits = Waiting, min
stats-draw-usual = half of the films
stats-draw-long = nine of ten
stats-rail-stars = Stars
stats-rail-stripe = Stripe
stats-rail-kaspi = Kaspi
