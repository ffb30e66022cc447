# Адамдар оқитын мәтіндер, қазақша. Мәтіндік аргументтер Telegram HTML үшін қорғалған.
# Токен саны зат есімімен бірге дайын келеді: `tokens` қараңыз. Саннан кейін зат есім көптелмейді.

-bot = Kadr

tokens = { $n ->
    [one] { NUMBER($n, useGrouping: 0) } токен
   *[other] { NUMBER($n, useGrouping: 0) } токен
}
duration-seconds = { $seconds } с
duration-minutes = { $minutes } мин
duration-both = { $minutes } мин { $seconds } с

## Алғашқы минуттар

start-new =
    Сәлеметсіз бе, { $name }! Мен сөзден қысқа фильм түсіремін.

    Танысу құрметіне сыйлығым: { $balance }. Фильмде не болатынын жазыңыз, мысалы:

    <i>{ example-prompt }</i>
start-again =
    Қайта оралғаныңызға қуаныштымын, { $name }! Балансыңыз: { $balance }.

    Фильмде не болатынын жазыңыз, мен бағасын көрсетемін.
example-prompt = Таң атқанда Алматы маңындағы қарлы шыңдар үстінде бүркіт қалықтайды, камера баяу жылжиды
new-film =
    Фильмде не болуы керек? Бір хабарламамен жазыңыз, мысалы:

    <i>{ example-prompt }</i>
help =
    <b>Бұл қалай жұмыс істейді</b>
    1. Фильмде не болатынын жазыңыз.
    2. Карточканы қараңыз: модель, ұзақтық, өлшем және баға. ⚙️ оларды өзгертеді.
    3. ▶️ басыңыз. Жұмыстың барысын көрсетіп, фильмді жіберемін.

    Фильм шықпай қалса, токендер өздігінен қайтады.

    /new – жаңа фильм
    /videos – менің фильмдерім
    /balance – менің токендерім
    /buy – толтыру
    /cancel – басталмағанын болдырмау
    /lang – тіл
    /terms – шарттар
    /paysupport – төлем бойынша көмек
terms =
    <b>Шарттар</b>
    Токендер тек фильмге жұмсалады. Сізге жеткен фильм үшін ғана төлейсіз: жетпесе, токендер бірден қайтады.
    Фильмдерді сіздің сөзіңіз бойынша ЖИ жасайды. Заң тыйым салған нәрсені және нақты адамдарды олардың келісімінсіз сұрамаңыз: сервис бас тартады, токендер қайтады.
    Төлем туралы сұрақтар: /paysupport
paysupport =
    <b>Төлем бойынша көмек</b>
    Не болғанын бір хабарламамен жазыңыз: { $admin }. Нөміріңізді көрсетіңіз: <code>{ $user_id }</code>. Әр төлемді өзіміз қарап, бір күн ішінде жауап береміз.
admin-contact = <a href="tg://user?id={ $id }">әкімші</a>
buy-by-admin =
    <b>Толтыру</b>
    Балансыңыз: { $balance }. Тағы алу үшін бізге жазыңыз: { $admin }. Нөміріңізді көрсетіңіз: <code>{ $user_id }</code>
unknown-command = Мұндай команданы білмеймін. Қолымнан келетіні: /help
not-text = Мен сөзді түсінемін: фильмде не болатынын жазыңыз.
not-photo = Әзірге суреттен бастай алмаймын. Фильмде не болатынын сөзбен жазыңыз.
prompt-too-long = Мәтін тым ұзын: { $length } таңба, ал { $model } { $limit } таңба қабылдайды. Сәл қысқартыңыз.
sorry = Бізде бірдеңе бұзылды, қазір анықтап жатырмыз. Токендеріңіз орнында. Тағы бір рет байқап көріңіз.

## Баланс және тіл

balance = 💰 Балансыңыз: { $balance }.
balance-held = 💰 Балансыңыз: { $balance }. Түсіріліп жатқан фильмдерге тағы { $held } қойылды.
lang-choose = Тілді таңдаңыз:
lang-chosen = Енді қазақша сөйлеймін.

## Жоба карточкасы

card =
    🎬 <b>{ $prompt }</b>

    Модель: <b>{ $model }</b>, { $note }
    Ұзақтығы: <b>{ $seconds } с</b>
    Өлшемі: <b>{ $size }</b>
    Бағасы: <b>{ $price }</b>
    Қалады: <b>{ $after }</b>
    Күту: ≈ { $wait }
card-short =
    🎬 <b>{ $prompt }</b>

    Модель: <b>{ $model }</b>, { $note }
    Ұзақтығы: <b>{ $seconds } с</b>
    Өлшемі: <b>{ $size }</b>
    Бағасы: <b>{ $price }</b>
    Сізде { $balance } бар, жетпейді: <b>{ $missing }</b>
    Күту: ≈ { $wait }
card-started = 🎬 <b>{ $prompt }</b>

    № { $number } фильмге тапсырыс берілді.
card-closed = <s>{ $prompt }</s>

    Болдырылмады.
button-start = ▶️ Түсіру: { $price }
button-settings = ⚙️ Баптаулар
button-settings-close = ⚙️ Баптауларды жасыру
button-cancel = ✖️ Болдырмау
button-edit = ✏️ Мәтінді өзгерту
button-buy = 💰 Толтыру
button-again = 🔁 Қайтадан
button-film = 🎬 { $number }-фильм
choice-seconds = { $seconds } s
edit-ask = Осы фильмнің жаңа мәтінін бір хабарламамен жіберіңіз.
answer-started = № { $number } фильмге тапсырыс берілді.
answer-already = Бұл фильмге тапсырыс берілген: № { $number }.
answer-short = Жетпейді: { $missing }. Балансты толтырып, ▶️ қайта басыңыз.
answer-stale = Бұл батырма енді жұмыс істемейді.
answer-gone = Бұл таңдау енді сатылмайды. Карточкаға ең жақынын қойдым.

## Тапсырыс

job-queued =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    Кезекте: { $place } / { $all }
job-submitting =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    Бастап жатырмын…
job-processing =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    { $bar } { $percent } %
    Қалды: ≈ { $left }
job-processing-estimate =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    { $bar } ≈ { $percent } %
    Қалды: ≈ { $left }
job-late =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    { $bar } ≈ { $percent } %
    Әдеттегіден ұзаққа созылды, күтіп отырмын.
job-checking =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    Тапсырыс кезінде байланыс үзілді. Фильм түсіріліп жатқанын тексеріп жатырмын; токендер әзірге жұмсалған жоқ.
job-sending =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    { $bar } 100 %
    Сізге жіберіп жатырмын…
job-done = ✅ № { $number } фильм дайын: <i>{ $prompt }</i>
job-cancelled =
    № { $number } фильм болдырылмады.
    Қайтарылды: { $refund }. Баланс: { $balance }.
job-failed = № { $number } фильм шықпады: <i>{ $prompt }</i>
film-caption =
    🎬 { $prompt }

    Бағасы: { $price } · Баланс: { $balance }
failed =
    № { $number } фильм шықпады: { $reason }

    <i>{ $prompt }</i>

    Қайтарылды: { $refund }. Баланс: { $balance }.
failure-moderation = сервис мазмұнын қабылдамады. Басқа сөзбен айтып көріңіз.
failure-refused = сервис бұл сұрауды қабылдамады. Басқа өлшемді, ұзақтықты немесе мәтінді байқап көріңіз.
failure-backend = сервис оны түсіре алмады. Екінші рет көбіне шығады.
failure-unavailable = түсіру сервисі қазір жауап бермейді. Бірнеше минуттан кейін байқап көріңіз.
failure-forgotten = сервис қайта іске қосылып, оны жоғалтып алды.
failure-unknown = тапсырыс кезінде байланыс үзілді, фильмнің түсірілгенін білу мүмкін емес.
failure-timeout = ол тиісті уақыттан әлдеқайда ұзақ түсірілді.
failure-broken_film = сервис ойнатылмайтын файл жіберді.
failure-undeliverable = Telegram файлды қабылдамады.
answer-cancelled = Болдырылмады. Қайтарылды: { $refund }.
answer-too-late = Фильм түсіріліп жатыр, енді оны тоқтату мүмкін емес.

cancel-nothing = Болдырмайтын ештеңе жоқ.
cancel-done = Болдырылмады. Қайтарылды: { $refund }. Баланс: { $balance }.
cancel-drafts = Болдырылмады. Баланс: { $balance }.
cancel-at-work = Түсіріліп жатқанын тоқтату мүмкін емес: { $numbers }.

## Менің фильмдерім

videos-none = Әзірге фильм жоқ. Алғашқысында не болатынын жазыңыз.
videos = <b>Менің фильмдерім</b>
videos-line = { $sign } № { $number } · { $seconds } с · <i>{ $prompt }</i>
videos-gone = Бұл фильм енді сақталмайды. 🔁 оны қайта түсіреді.

## Әкімшілер

users-none = Ешкім табылмады.
users-title = <b>Адамдар</b>: { $total }
users-line = <code>{ $id }</code> { $name } · { $balance } · { $seen }
users-seen = { $days ->
    [0] бүгін
   *[other] { $days } күн бұрын
}
topup-usage = Былай жазыңыз: <code>/topup 123456 100 себебі</code> немесе <code>/topup @name -50 себебі</code>
topup-unknown = { $who } маған кездескен жоқ: алдымен өзі маған жазуы керек.
topup-done = { $name } (<code>{ $id }</code>): { $change }. Баланс: { $balance }.
topup-below = { $name }: бос { $balance }, бұл сіз алғыңыз келгеннен аз.
topup-too-many = Бір жолғы шек: { $limit }.
topup-notice-plus = 💰 Сізге { $amount } берілді. Баланс: { $balance }.
topup-notice-minus = 💰 { $amount } қайтарып алынды. Баланс: { $balance }.
alert-unknown = ⚠️ { $job }-тапсырыс: { $backend } оны түсіргенін анықтау мүмкін болмады, сатып алушыға токендер қайтарылды. Сервистің өз тізімін қараңыз: <code>{ $detail }</code>
alert-unavailable = ⚠️ { $backend } жұмыс істеуден бас тартады: <code>{ $detail }</code>. Кілтін, шоттағы ақшасын және OPENAI_BASE_URL тексеріңіз.
alert-undeliverable = ⚠️ { $job }-тапсырыс: Telegram фильмді қабылдамады, сатып алушыға токендер қайтарылды: <code>{ $detail }</code>
alert-handler = ⚠️ { $update } жаңартуын өңдеу мүмкін болмады: <code>{ $detail }</code>. Ол кіріс кестесінде failed белгісімен жатыр.
alert-poller = ⚠️ { $job }-тапсырыс: оны бақылау қайта-қайта құлай берді, сатып алушыға токендер қайтарылды: <code>{ $detail }</code>

## Мәзір

menu-new = Жаңа фильм
menu-videos = Менің фильмдерім
menu-balance = Менің токендерім
menu-buy = Толтыру
menu-cancel = Басталмағанын болдырмау
menu-lang = Тіл
menu-help = Бұл қалай жұмыс істейді
menu-terms = Шарттар
menu-paysupport = Төлем бойынша көмек
menu-users = Адамдар
menu-topup = Токен беру немесе алу
