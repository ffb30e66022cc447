# Paying: packages, orders, rails, receipts, statements.

## Покупка токенов

packages =
    💰 <b>Пополнить баланс</b>
    { $balance } Сколько токенов купить?
package-note = { $tokens }: { $note }
balance-now = У вас { $balance }.
balance-owed = У вас { $balance }. Долг: { $debt }, он погасится из следующего пополнения.
button-package = 💰 { $tokens } · { $price }
button-pay-stars = ⭐ Telegram Stars · { $price }
button-pay-stripe = 💳 Банковская карта · { $price }
button-pay-kaspi = 🏦 Kaspi · { $price }
button-check = 🔄 Я оплатил, проверить
button-other-way = 💰 Другой способ
order-draft =
    💰 <b>{ $tokens }</b>, заказ <code>{ $code }</code>

    Как вам удобнее оплатить?
order-waiting-stars =
    ⭐ <b>{ $tokens }</b> за { $price }, заказ <code>{ $code }</code>

    Нажмите кнопку оплаты в счёте ниже. Токены придут сразу.
order-paid = ✅ Заказ <code>{ $code }</code> оплачен: { $tokens } за { $price }.
order-refunded = ↩️ Заказ <code>{ $code }</code>: вам вернулось { $price }, списано { $tokens }.
order-refunded-part = ✅ Заказ <code>{ $code }</code>: { $tokens } за { $price }, из них вернулось вам { $returned }.
order-disputed = ⏳ Заказ <code>{ $code }</code>: { $tokens } за { $price }. Платёж оспорен, токены заморожены до решения банка.
order-expired = Срок заказа <code>{ $code }</code> на { $tokens } прошёл, он не оплачен.
order-cancelled = ✖️ Заказ <code>{ $code }</code> на { $tokens } отменён.
order-late = Если вы всё-таки заплатили, токены придут.
order-late-kaspi = Если вы всё-таки перевели деньги, нажмите 🔄 и пришлите чек.
invoice-title = { $tokens }
invoice-description = Токены для фильмов в Kadr. Заказ { $code }.
paid = ✅ +{ $tokens }. Спасибо! Баланс: { $balance }.
paid-return =
    ✅ +{ $tokens }. Спасибо! Баланс: { $balance }.
    Ваш фильм ждёт ниже: нажмите ▶️.
paid-return-short =
    ✅ +{ $tokens }. Спасибо! Баланс: { $balance }.
    Ваш фильм ждёт ниже. Для него не хватает ещё: { $missing }.
paid-debt = Из них погашен долг: { $debt }.
paid-again = Заказ <code>{ $code }</code> оплачен дважды. Второй платёж, { $price }, мы вернём вам.
wrong-amount =
    По заказу <code>{ $code }</code> пришло { $came }, а нужно было { $expected }. Токены пока не начислены.
    Администратор уже знает и разберётся, деньги не пропадут.
payment-unknown = Мы получили от вас { $price }, но не нашли, за какой заказ. Администратор уже знает и разберётся, деньги не пропадут.
refund-notice = ↩️ Платёж по заказу <code>{ $code }</code> вернулся вам: { $price }. Списано: { $tokens }. { $balance }
refund-failed-notice = Возврат по заказу <code>{ $code }</code> не прошёл, поэтому токены снова ваши: +{ $tokens }. { $balance }
undo-notice = Оплата заказа <code>{ $code }</code> ({ $price }) не подтвердилась: деньги к нам не пришли. Списано: { $tokens }. { $balance } Если это ошибка, напишите нам: /paysupport
dispute-notice = ⏳ Платёж по заказу <code>{ $code }</code> ({ $price }) оспорен в вашем банке. До решения заморожено: { $tokens }. { $balance }
dispute-won-notice = ✅ Спор о заказе <code>{ $code }</code> закончен, токены снова ваши: +{ $tokens }. { $balance }
dispute-lost-notice = Банк вернул вам { $price } за заказ <code>{ $code }</code>. Списано: { $tokens }. { $balance }
precheckout-unknown = Этот счёт не для вас или устарел. Откройте /buy: там можно взять новый.
precheckout-paid = Этот заказ уже оплачен, платить второй раз не нужно.
precheckout-dead = Этот счёт больше не действует. Откройте /buy: там можно взять новый.
precheckout-amount = Цена изменилась. Откройте /buy: там новый счёт.
answer-package-gone = Этого пакета больше нет. Выберите другой ниже.
answer-checking = Проверяю. Если оплата прошла, токены придут через несколько секунд.
answer-paid = Этот заказ уже оплачен.
answer-order-cancelled = Заказ отменён.
alert-paid-again = ⚠️ Заказ { $code } (покупатель { $who }) оплачен дважды: ещё { $price }. Второй платёж верните: <code>/refund { $payment }</code>. Звёзды бот возвращает сам.
alert-wrong-amount = ⚠️ Заказ { $code } (покупатель { $who }): пришло { $came } вместо { $expected }, ничего не начислено. Начислите <code>/topup { $who } токены</code> или верните <code>/refund { $payment }</code>.
alert-payment-unknown = ⚠️ Покупатель { $who } заплатил { $price } по неизвестному счёту «{ $payload }», ничего не начислено. Начислите <code>/topup { $who } токены</code> или верните <code>/refund { $payment }</code>.
alert-payment-unknown-stripe = ⚠️ Покупатель { $who } заплатил картой { $price } по неизвестному заказу «{ $payload }», ничего не начислено. Начислите <code>/topup { $who } токены</code> или верните платёж в кабинете Stripe: <code>{ $payment }</code>.
alert-dispute = ⚠️ Платёж по заказу { $code } ({ $price }, покупатель { $who }) оспорен, токены заморожены. Ответьте банку в кабинете Stripe: там указан срок.
alert-dispute-refunded = ⚠️ Платёж по заказу { $code } оспорен в банке, хотя деньги покупателю уже возвращены. Ответьте в кабинете Stripe и приложите подтверждение возврата: там указан срок.
alert-dispute-won = ✅ Спор о заказе { $code } выигран, токены разморожены.
alert-dispute-lost = ⚠️ Спор о заказе { $code } проигран: ушло { $price }, токены списаны. Если по апелляции банк решит иначе, токены вернутся сами.

## Возвраты

refund-usage = Пишите так: <code>/refund K7F3QX</code> – код заказа или номер платежа у Stripe или Telegram.
refund-unknown = Платежа «{ $name }» я не знаю. На всякий случай проверяю список звёзд у Telegram: повторите через минуту.
refund-sought = 🔎 Спрашиваю у Stripe, чей это платёж: <code>{ $name }</code>.
refund-found = 🔎 <code>{ $name }</code> – это заказ { $code }.
refund-nowhere = Платежа <code>{ $name }</code> нет ни в моих книгах, ни среди платежей этого магазина у Stripe.
refund-not-sought = ✖️ Stripe не сказал, чей это платёж: <code>{ $name }</code>. Причина: <code>{ $detail }</code>.
refund-not-paid = За заказ { $code } ничего не заплачено, возвращать нечего.
refund-not-again = Заказ { $code } уже возвращён.
refund-not-disputed = Платёж по заказу { $code } оспорен: деньги сейчас у банка. Ответьте на спор в кабинете Stripe.
refund-rail-off = Этот платёж ({ $price }) пришёл способом, который сейчас выключен, поэтому вернуть его отсюда нельзя. Включите его в настройках бота или верните деньги в кабинете Stripe.
refund-under-way = Этот возврат ({ $price }) уже идёт.
refund-done-before = Этот возврат ({ $price }) уже сделан.
refund-asked = ⏳ Возвращаю { $price }: { $name } (<code>{ $id }</code>). Токены спишутся, как только деньги уйдут.
refund-done = ↩️ Возвращено { $price }: { $name } (<code>{ $id }</code>).
refund-failed = ✖️ Вернуть { $price } не удалось: { $name } (<code>{ $id }</code>). Ничего не списано, причина в сообщении рядом.
refund-by-hand =
    🏦 Заказ { $code }: { $name } (<code>{ $id }</code>), { $price } через Kaspi.
    Отправьте эти деньги покупателю в приложении Kaspi и нажмите ✅. Тогда { $tokens } спишутся.
refund-spent = Уже потрачено: { $tokens }. Они станут долгом и погасятся из следующего пополнения.
refund-left = Возврат по заказу { $code } не сделан.
button-refund-sent = ✅ Деньги отправлены
answer-refunded = Записано: деньги отправлены, токены списаны.
alert-refund-failed = ⚠️ Возврат { $price } покупателю { $who } не прошёл: <code>{ $detail }</code>. Платёж <code>{ $payment }</code>. Проверьте причину и повторите <code>/refund { $payment }</code>.
payments-usage = Пишите так: <code>/payments</code> – за этот месяц, или <code>/payments 2026-10</code>.
payments-none = За { $month } ничего не оплачено.
payments-file =
    { $lines ->
        [one] Оплачено за { $month }: { $lines } покупка.
        [few] Оплачено за { $month }: { $lines } покупки.
       *[other] Оплачено за { $month }: { $lines } покупок.
    }
payments-cut = Оплачено за { $month }: первые { $lines } покупок. Все в один файл не поместились.

## Kaspi: покупатель

order-waiting-kaspi =
    🏦 <b>{ $tokens }</b>
    Переведите в Kaspi ровно <b>{ $price }</b>: по этой сумме мы узнаем ваш платёж.
kaspi-phone = Телефон: <code>{ $phone }</code>
kaspi-recipient = Получатель: { $recipient }
kaspi-then =
    Заказ <code>{ $code }</code>, действует до { $until } (время Астаны).

    После оплаты пришлите сюда чек: файл PDF или снимок экрана.
button-kaspi-open = 🏦 Открыть Kaspi
order-claimed =
    ⏳ <b>{ $tokens }</b> за { $price }, заказ <code>{ $code }</code>
    Чек у администратора, ответ придёт сюда.
kaspi-received =
    Чек по заказу <code>{ $code }</code> получен, спасибо. Администратор сверит его с поступлением и подтвердит.
    { $wait }
kaspi-wait = Обычно это занимает ≈ { $time }.
kaspi-wait-unknown = Сколько это займёт, пока сказать не могу: ответ придёт сюда сразу, как только администратор посмотрит.
answer-kaspi-waits = Чек уже у администратора. { $wait }
kaspi-send-receipt =
    Пришлите сюда чек на { $price } по заказу <code>{ $code }</code>: файл PDF из Kaspi (лучше всего) или снимок экрана.
kaspi-not-a-receipt = Это не похоже на чек. По заказу <code>{ $code }</code> пришлите файл PDF из Kaspi или снимок экрана.
kaspi-too-large = Этот файл слишком велик для чека. По заказу <code>{ $code }</code> пришлите PDF из Kaspi или снимок экрана.
kaspi-which = Это чек по заказу <code>{ $code }</code> или первый кадр нового фильма?
button-is-receipt = ✅ Это чек
button-is-frame = 🎬 Это кадр для фильма
kaspi-was-frame = Понятно, это кадр для фильма.
kaspi-was-receipt = Понятно, это чек по заказу <code>{ $code }</code>.
kaspi-refused =
    ❌ Оплату по заказу <code>{ $code }</code> подтвердить не удалось: { $reason }

    Если вы оплатили, пришлите правильный чек: кнопка ниже. Не получается – напишите нам: /paysupport
kaspi-reason-nomoney = такого перевода у нас не видно.
kaspi-reason-used = этот чек уже был использован.
kaspi-reason-notreceipt = присланный файл – не чек об оплате.
kaspi-reason-unreadable = чек нельзя прочитать, пришлите PDF или снимок получше.
kaspi-reason-undone = подтверждение было ошибкой, деньги к нам не пришли.
order-refused =
    ❌ Заказ <code>{ $code }</code> на { $tokens }: оплата не подтвердилась.
    Если вы оплатили, пришлите чек ещё раз.
order-state-draft = без способа оплаты
order-state-waiting = ждёт оплаты
order-state-claimed = ждёт проверки
order-state-paid = оплачен
order-state-expired = срок прошёл
order-state-cancelled = отменён
order-state-refused = отказано
order-state-refunded = деньги возвращены
order-state-disputed = оспорен

## Kaspi: карточка администратора

desk-title = 🏦 <b>Kaspi, заказ <code>{ $code }</code></b>: ждём <b>{ $price }</b> → { $tokens }
desk-read = В чеке: { $fields }
desk-look = Сумму и время посмотрите в чеке сами.
desk-person = 👤 { $name }, <code>{ $id }</code>. Покупок: { $orders }, фильмов: { $films }, с нами с { $since }.
desk-doubt-used = ⚠️ Такой же чек уже присылали: заказ { $code } ({ $state }, покупатель { $who })
desk-doubt-amount = ⚠️ В чеке другая сумма: { $shown }
desk-doubt-fits = ⚠️ Эта сумма подходит к другому заказу того же покупателя: { $code } ({ $state })
desk-doubt-recipient = ⚠️ В чеке другой получатель: { $recipient }
desk-doubt-old = ⚠️ Чек старше заказа: { $time }
desk-doubt-future = ⚠️ Время в чеке ещё не наступило: { $time }
desk-doubt-encrypted = ⚠️ PDF закрыт паролем, прочитать его я не могу
desk-doubt-too_large = ⚠️ Файл слишком велик для чека, я его не читал
desk-doubt-no_text = ⚠️ В PDF нет текста, только картинка
desk-doubt-unreadable = ⚠️ PDF повреждён, прочитать его я не могу
desk-doubt-not_a_pdf = ⚠️ Это не PDF
desk-doubt-lost = ⚠️ Скачать файл не удалось, я его не проверил
desk-doubt-new = ⚠️ Новый покупатель, это его первая покупка
desk-confirm = ❓ Видны ли <b>{ $price }</b> в приложении Kaspi? Чек – не доказательство.
desk-why = ❓ Почему отказать? Покупатель прочитает причину.
desk-undo = ❓ Отменить подтверждение и забрать { $tokens } обратно?
desk-waits = ⏳ Покупатель ждёт уже { $time }.
desk-first = ✅ { $who } видит в Kaspi { $price }. Сумма большая: нужен ещё один администратор.
desk-paid = ✅ Подтверждено { $price }, начислено { $tokens }. { $who }, { $time }
desk-refused = ❌ Отказано: { $reason } { $who }, { $time }
desk-over = ℹ️ Заказ: { $state }.
desk-moved = 🏦 Заказ <code>{ $code }</code>: смотрите его новую карточку в этом чате.
desk-own = Это ваш собственный заказ. Его проверит другой администратор.
desk-stale = Заказ с тех пор изменился. Карточка обновлена, посмотрите ещё раз.
desk-refused-answer = Отказано, покупатель прочитает причину.
desk-first-answer = Записано. Теперь подтвердить должен другой администратор.
desk-too-little = За такую сумму не выходит ни одного токена.
desk-approved-answer = Подтверждено: +{ $tokens }.
desk-undone-answer = Подтверждение отменено, токены списаны.
desk-done = 🏦 Заказ <code>{ $code }</code>: готово, см. карточку.
desk-type-amount = Сколько тенге пришло по заказу <code>{ $code }</code>? Напишите числом.
desk-type-reason = Почему отказать по заказу <code>{ $code }</code>? Напишите одним сообщением, покупатель его прочитает.
desk-amount-wrong = Это не сумма. По заказу <code>{ $code }</code> напишите целое число тенге, например 2000.
desk-confirm-amount = ❓ Заказ <code>{ $code }</code>: видны ли в приложении Kaspi <b>{ $came }</b> (ждали { $expected })? Тогда начислю { $tokens }.
button-desk-ok = ✅ Пришло { $price }
button-desk-amount = ✏️ Другая сумма
button-desk-no = ❌ Отказать
button-desk-yes = ✅ Да, { $price } видны
button-desk-back = ⬅️ Назад
button-desk-nomoney = ❌ Денег не видно
button-desk-used = ❌ Чек уже был
button-desk-notreceipt = ❌ Это не чек
button-desk-unreadable = ❌ Не прочитать
button-desk-typed = ✏️ Написать самому
button-desk-undo = ↩️ Отменить подтверждение
button-desk-undo-yes = ↩️ Да, отменить

## Выписка

balance-debt = Долг: { $debt }, он погасится из следующего пополнения.
balance-frozen = Заморожено из-за спора о платеже: { $frozen }.
statement-line = { $date }  <b>{ $amount }</b>  { $what }
statement-film = фильм № { $number } «{ $prompt }»
statement-film-refund = возврат за фильм ({ $memo })
statement-welcome = подарок для знакомства
statement-topup = от администратора
statement-purchase = покупка, заказ
statement-refund = возврат денег, заказ
statement-refund-failed = возврат не прошёл, заказ
statement-dispute = платёж оспорен, заказ
statement-dispute-won = спор закончен, заказ
statement-undo = оплата не подтвердилась, заказ
statement-debt = погашение долга
statement-promo = промокод
statement-referral = за приглашённого друга
statement-other = прочее
statement-file =
    { $lines ->
        [one] Выписка: { $lines } строка.
        [few] Выписка: { $lines } строки.
       *[other] Выписка: { $lines } строк.
    }
button-statement = 📄 Выписка файлом
column-time = Время (Казахстан)
column-what = Что
column-tokens = Токены
column-balance = Баланс

## Банковские карты (Stripe)

stripe-product = { $tokens } · { -bot }
button-pay-page = 💳 Оплатить { $price }
order-waiting-stripe =
    💳 <b>{ $tokens }</b> за { $price }, заказ <code>{ $code }</code>

    { $state }
stripe-preparing = Готовлю страницу оплаты, секунду…
stripe-ready = Нажмите кнопку: откроется страница оплаты Stripe, подойдёт карта Visa или Mastercard любого банка. Потом вернитесь сюда, токены придут сами.
stripe-unpaid = Оплата пока не пришла. Если вы только что заплатили, подождите минуту и нажмите 🔄 ещё раз.
stripe-away = Сервис оплаты картой сейчас не отвечает. Я продолжаю пробовать, деньги не списаны. Если вы спешите, выберите другой способ.
stripe-refused = Оплатить картой заказ <code>{ $code }</code> не получилось, деньги не списаны. Пожалуйста, выберите другой способ: /buy
stripe-vanished = Страница оплаты заказа <code>{ $code }</code> больше не работает, откройте новую: /buy. Если вы уже заплатили, напишите нам: /paysupport
returned-checking = Проверяю оплату заказа <code>{ $code }</code>. Если она прошла, токены придут через несколько секунд.
returned-paid = ✅ Заказ <code>{ $code }</code> оплачен. Ваш баланс: { $balance }.
alert-stripe-key = 🔴 Stripe не принимает ключ, картой платить нельзя: <code>{ $detail }</code>. Проверьте STRIPE_SECRET_KEY и права ограниченного ключа; поможет <code>kadr doctor</code>.
alert-stripe-key-over = ✅ Stripe снова принимает ключ.
alert-stripe-refused = ⚠️ Stripe отказался создать страницу оплаты заказа { $code }: <code>{ $detail }</code>. Покупателю предложен другой способ. Проверьте аккаунт в кабинете Stripe.
alert-stripe-vanished = ⚠️ Stripe больше не знает страницу оплаты заказа { $code }: <code>{ $session }</code>. Скорее всего, STRIPE_SECRET_KEY от другого аккаунта или другого режима. Если она была оплачена, начислите токены через <code>/topup</code>.
alert-stripe-mode = ⚠️ Заказ { $code } оплачен в другом режиме Stripe (тестовые деньги за настоящий заказ или наоборот): <code>{ $session }</code>. Ничего не начислено.
alert-stripe-not-listed = ⚠️ Заказ { $code } ({ $price }) начислен, но среди оплаченных страниц у Stripe его нет: <code>{ $session }</code>. Сверьте его в Stripe Dashboard; если платежа нет, заберите токены через <code>/topup</code>. Так бывает и после смены ключа на ключ другого аккаунта.

invoice-refused = Telegram не принял счёт по заказу <code>{ $code }</code>, поэтому заказ отменён, ничего не оплачено. Попробуйте позже или другим способом: /buy
alert-invoice-refused = ⚠️ Telegram отклонил счёт по заказу { $code }: <code>{ $detail }</code>. Проверьте у @BotFather, может ли бот принимать звёзды, и годится ли Telegram цена пакета.
order-mention = <code>{ $code }</code> · { $tokens } · { $price } · { $state }

## Промокоды и приглашения

promo-usage = Пришлите промокод так: <code>/promo КОД</code>.
promo-done = 🎁 +{ $tokens } по промокоду. Баланс: { $balance }.
promo-unknown = Такого промокода нет. Проверьте, нет ли в нём опечатки.
promo-again = Вы уже использовали промокод { $code }. Баланс: { $balance }.
promo-over = Срок промокода { $code } прошёл.
promo-used-up = Промокод { $code } уже разобрали.
promo-admin-usage =
    <code>/promo new КОД токены [сколько человек] [срок]</code> – новый промокод. Срок: <code>30d</code> или <code>2027-01-31</code>; прочерк <code>-</code> значит без ограничения.
    <code>/promo list</code> – все промокоды
    <code>/promo stop КОД</code> – остановить
promo-bad-code = В промокоде от 3 до 32 знаков: латинские буквы, цифры, _ и -.
promo-bad-tokens = Сколько токенов? Целое число, не больше чем { $limit }.
promo-bad-time = Срок напишите так: <code>30d</code> (дней) или <code>2027-01-31</code>, и не в прошлом.
promo-exists = Промокод { $code } уже есть.
promo-made =
    🎁 Готово. { $line }
    { $link }
promo-none = Промокодов ещё нет.
promo-line = <code>{ $code }</code>: { $tokens }, использовали: { $used } из { $limit }, срок: { $until }
promo-stopped = Промокод { $code } остановлен.
invite =
    👥 <b>Пригласите друга</b>
    За первую покупку друга, который придёт по вашей ссылке, вы получите { $reward }.

    { $link }

    Пришло друзей: { $friends }, из них купили: { $buyers }, заработано: { $earned }.
invite-off = Сейчас за приглашения ничего не дарим.
button-copy-link = 📋 Скопировать ссылку
referral-earned = 👥 +{ $reward }: ваш друг { $friend } сделал первую покупку. Спасибо! Баланс: { $balance }.
referral-lost = 👥 Покупка вашего друга отменена, поэтому награда списана: { $reward }. Баланс: { $balance }.
menu-invite = Пригласить друга
menu-promo = Промокод
