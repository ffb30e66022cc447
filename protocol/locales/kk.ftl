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
    2. Карточканы қараңыз: модель, ұзақтық, өлшем және баға. Оларды ⚙️ арқылы өзгертесіз.
    3. ▶️ батырмасын басыңыз. Жұмыстың барысын көрсетіп, фильмді жіберемін.

    Фильм шықпай қалса, токендер өздігінен қайтады.

    /new – жаңа фильм
    /videos – менің фильмдерім
    /balance – менің токендерім
    /buy – балансты толтыру
    /cancel – басталмағанынан бас тарту
    /lang – тіл
    /terms – шарттар
    /paysupport – төлем бойынша көмек
terms =
    <b>Шарттар</b>
    Токендер тек фильмге жұмсалады. Сізге жеткен фильм үшін ғана төлейсіз: жетпесе, токендер бірден қайтады.

    Фильмдерді сіздің сөзіңіз бойынша жасанды интеллект жасайды. Заң тыйым салған нәрсені сұрамаңыз, нақты адамдарды келісімінсіз түсіртпеңіз: сервис бас тартады, ал токендер қайтады.

    Төлем туралы сұрақтар: /paysupport
paysupport =
    <b>Төлем бойынша көмек</b>
    Не болғанын { $admin } бір хабарламамен жазып, нөміріңізді көрсетіңіз: <code>{ $user_id }</code>. Әр төлемді өзіміз қарап, бір күн ішінде жауап береміз.
admin-contact = <a href="tg://user?id={ $id }">әкімшіге</a>
buy-by-admin =
    <b>Балансты толтыру</b>
    Балансыңыз: { $balance }. Тағы алу үшін { $admin } жазып, нөміріңізді көрсетіңіз: <code>{ $user_id }</code>.
unknown-command = Мұндай команданы білмеймін. Қолымнан келетіні: /help
not-text = Мен сөзді түсінемін: фильмде не болатынын жазыңыз.
not-photo = Әзірге суреттен бастай алмаймын. Фильмде не болатынын сөзбен жазыңыз.
prompt-too-long = Мәтін тым ұзын: { $length } таңба, ал { $model } моделі { $limit } таңбаға дейін қабылдайды. Сәл қысқартыңыз.
sorry = Бізде бірдеңе бұзылды, қазір анықтап жатырмыз. Токендеріңіз орнында. Тағы бір рет байқап көріңіз.

## Баланс және тіл

balance = 💰 Балансыңыз: { $balance }.
balance-held = 💰 Балансыңыз: { $balance }. Түсіріліп жатқан фильмдерге бөлінгені: { $held }.
lang-choose = Тілді таңдаңыз:
lang-chosen = Енді қазақша сөйлеймін.

## Жоба карточкасы

card =
    🎬 <b>{ $prompt }</b>

    Модель: <b>{ $model }</b> ({ $note })
    Ұзақтығы: <b>{ $seconds } с</b>
    Өлшемі: <b>{ $size }</b>
    Бағасы: <b>{ $price }</b>
    Қалады: <b>{ $after }</b>
    Күту: ≈ { $wait }
card-short =
    🎬 <b>{ $prompt }</b>

    Модель: <b>{ $model }</b> ({ $note })
    Ұзақтығы: <b>{ $seconds } с</b>
    Өлшемі: <b>{ $size }</b>
    Бағасы: <b>{ $price }</b>
    Сізде { $balance } бар, <b>{ $missing }</b> жетпейді
    Күту: ≈ { $wait }
card-started = 🎬 <b>{ $prompt }</b>

    № { $number } фильмге тапсырыс берілді.
    { $model } · { $seconds } с · { $size } · { $price }
card-closed = <s>{ $prompt }</s>

    Бас тартылды.
button-start = ▶️ Түсіру: { $price }
button-settings = ⚙️ Баптаулар
button-settings-close = ⚙️ Жасыру
button-cancel = ✖️ Бас тарту
button-edit = ✏️ Мәтінді өзгерту
button-buy = 💰 Толтыру
button-again = 🔁 Қайтадан
button-film = 🎬 { $number }-фильм
choice-seconds = { $seconds } s
edit-ask = Осы фильмнің жаңа мәтінін бір хабарламамен жіберіңіз.
answer-started = № { $number } фильмге тапсырыс берілді.
answer-already = Бұл фильмге тапсырыс берілген: № { $number }.
answer-short = { $missing } жетпейді. Балансты толтырып, ▶️ қайта басыңыз.
answer-stale = Бұл батырма енді жұмыс істемейді.
answer-gone = Бұл нұсқа енді сатылмайды. Карточкада енді соған ең жақыны тұр.
answer-rests = { $model } демалып тұр: сервис жауап бермейді. Ештеңе алынған жоқ. Басқа модельді таңдаңыз немесе { $wait } өткен соң байқап көріңіз.

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

    Тапсырыс кезінде байланыс үзілді. Фильм түсіріліп жатыр ма, тексеріп жатырмын; токендер әзірге жұмсалған жоқ.
job-sending =
    🎬 № { $number } фильм: <i>{ $prompt }</i>

    { $bar } 100 %
    Сізге жіберіп жатырмын…
job-done = ✅ № { $number } фильм дайын: <i>{ $prompt }</i>
job-cancelled =
    № { $number } фильмнен бас тартылды.
    Қайтарылды: { $refund }. Баланс: { $balance }.
job-failed = ✖️ № { $number } фильм: <i>{ $prompt }</i>
film-caption =
    🎬 { $prompt }

    Бағасы: { $price }
    Баланс: { $balance }
failed =
    № { $number } фильм шықпады: <i>{ $prompt }</i>

    { $reason }

    Қайтарылды: { $refund }. Баланс: { $balance }.
failure-moderation = Түсіру сервисі мұндай мазмұнды қабылдамайды. Басқа сөзбен айтып көріңіз.
failure-refused = Түсіру сервисі бұл тапсырысты қабылдамады. Басқа өлшемді, ұзақтықты немесе мәтінді байқап көріңіз.
failure-backend = Түсіру сервисі оны түсіре алмады. Қайта байқап көрсеңіз, көбіне шығады.
failure-unavailable = Түсіру сервисі қазір жауап бермей тұр. Бірнеше минуттан кейін байқап көріңіз.
failure-forgotten = Түсіру сервисі қайта іске қосылып, оны жоғалтып алды. Қайта байқап көріңіз.
failure-unknown = Тапсырыс кезінде байланыс үзілді, фильмнің түсірілген-түсірілмегенін білу мүмкін емес.
failure-timeout = Оны түсіру тым ұзаққа созылып кетті.
failure-broken_film = Түсіру сервисі ойнатылмайтын файл жіберді.
failure-undeliverable = Telegram файлды қабылдамады.
answer-cancelled = Бас тартылды. Қайтарылды: { $refund }.
answer-too-late = Фильм түсіріліп жатыр, енді оны тоқтату мүмкін емес.

cancel-nothing = Бас тартатын ештеңе жоқ.
cancel-done = Бас тартылды. Қайтарылды: { $refund }. Баланс: { $balance }.
cancel-drafts = Бас тартылды. Баланс: { $balance }.
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
topup-too-many = Бір жолы ең көбі { $limit }.
topup-notice-plus = 💰 Сізге { $amount } берілді. Баланс: { $balance }.
topup-notice-minus = 💰 { $amount } қайтарып алынды. Баланс: { $balance }.
alert-unknown = ⚠️ { $job }-тапсырыс: { $backend } оны түсірген-түсірмегенін анықтау мүмкін болмады, сатып алушыға токендер қайтарылды. Сервистің өз тізімін қараңыз: <code>{ $detail }</code>
alert-unavailable = ⚠️ { $backend } жұмыс істеуден бас тартады: <code>{ $detail }</code>. Кілтін, шоттағы ақшасын және OPENAI_BASE_URL тексеріңіз.
alert-unreachable = ⚠️ { $backend } қолжетімсіз: <code>{ $detail }</code>. Жаңа фильмдер күтіп тұр; байқай беремін, қалпына келгенде айтамын.
alert-recovered = ✅ { $backend } қайта жұмыс істеп тұр.
alert-undeliverable = ⚠️ { $job }-тапсырыс: Telegram фильмді қабылдамады, сатып алушыға токендер қайтарылды: <code>{ $detail }</code>
alert-handler = ⚠️ { $update } жаңартуын өңдеу мүмкін болмады: <code>{ $detail }</code>. Ол кіріс кестесінде failed белгісімен жатыр.
alert-poller = ⚠️ { $job }-тапсырыс: оны бақылау қайта-қайта құлай берді, сатып алушыға токендер қайтарылды: <code>{ $detail }</code>

## Мәзір

menu-new = Жаңа фильм
menu-videos = Менің фильмдерім
menu-balance = Менің токендерім
menu-buy = Балансты толтыру
menu-cancel = Басталмағанынан бас тарту
menu-lang = Тіл
menu-help = Бұл қалай жұмыс істейді
menu-terms = Шарттар
menu-paysupport = Төлем бойынша көмек
menu-users = Адамдар
menu-topup = Токен беру немесе алу
