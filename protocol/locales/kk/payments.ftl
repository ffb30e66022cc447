# Paying: packages, orders, rails, receipts, statements.

## Токен сатып алу

packages =
    💰 <b>Балансты толтыру</b>
    { $balance } Қанша токен аласыз?
package-note = { $tokens }: { $note }
balance-now = Сізде { $balance } бар.
balance-owed = Сізде { $balance } бар. Қарызыңыз: { $debt }, ол келесі толтырғанда өтеледі.
button-package = 💰 { $tokens } · { $price }
button-pay-stars = ⭐ Telegram Stars · { $price }
button-pay-stripe = 💳 Банк картасы · { $price }
button-pay-kaspi = 🏦 Kaspi · { $price }
button-check = 🔄 Төледім, тексеріңіз
button-other-way = 💰 Басқа тәсіл
order-draft =
    💰 <b>{ $tokens }</b>, <code>{ $code }</code> тапсырысы

    Қалай төлегіңіз келеді?
order-waiting-stars =
    ⭐ <b>{ $tokens }</b>, бағасы { $price }, <code>{ $code }</code> тапсырысы

    Төмендегі шотта төлеу батырмасын басыңыз. Токендер бірден келеді.
order-paid = ✅ <code>{ $code }</code> тапсырысы төленді: { $tokens }, бағасы { $price }.
order-refunded = ↩️ <code>{ $code }</code> тапсырысы: { $price } сізге қайтарылды, { $tokens } шегерілді.
order-refunded-part = ✅ <code>{ $code }</code> тапсырысы: { $tokens }, бағасы { $price }, оның сізге қайтқаны { $returned }.
order-disputed = ⏳ <code>{ $code }</code> тапсырысы: { $tokens }, бағасы { $price }. Төлем дауланып жатыр, банк шешкенше токендер бұғатталды.
order-expired = <code>{ $code }</code> тапсырысының ({ $tokens }) мерзімі өтті, ол төленбеді.
order-cancelled = ✖️ <code>{ $code }</code> тапсырысынан ({ $tokens }) бас тартылды.
order-late = Егер төлеп қойсаңыз, токендер келеді.
order-late-kaspi = Егер ақша аударып қойсаңыз, 🔄 басып, чекті жіберіңіз.
invoice-title = { $tokens }
invoice-description = Kadr фильмдеріне арналған токендер. { $code } тапсырысы.
paid = ✅ +{ $tokens }. Рақмет! Баланс: { $balance }.
paid-return =
    ✅ +{ $tokens }. Рақмет! Баланс: { $balance }.
    Фильміңіз төменде күтіп тұр: ▶️ басыңыз.
paid-return-short =
    ✅ +{ $tokens }. Рақмет! Баланс: { $balance }.
    Фильміңізге әлі { $missing } жетпейді. Ол төменде күтіп тұр.
paid-debt = Оның ішінде қарыз өтелді: { $debt }.
paid-again = <code>{ $code }</code> тапсырысы екі рет төленді. Екінші төлемді, { $price }, сізге қайтарамыз.
wrong-amount =
    <code>{ $code }</code> тапсырысы бойынша { $came } келді, ал керегі { $expected } еді. Токендер әзірге берілген жоқ.
    Әкімші біліп отыр, анықтайды, ақшаңыз жоғалмайды.
payment-unknown = Сізден { $price } келді, бірақ қай тапсырысқа екенін таппадық. Әкімші біліп отыр, анықтайды, ақшаңыз жоғалмайды.
refund-notice = ↩️ <code>{ $code }</code> тапсырысының төлемі сізге қайтарылды: { $price }. Шегерілді: { $tokens }. { $balance }
refund-failed-notice = <code>{ $code }</code> тапсырысының ақшасын қайтару іске аспады, сондықтан токендер қайтадан сіздікі: +{ $tokens }. { $balance }
undo-notice = <code>{ $code }</code> тапсырысының төлемі ({ $price }) расталмады: ақша бізге келмеді. Шегерілді: { $tokens }. { $balance } Қате болса, бізге жазыңыз: /paysupport
dispute-notice = ⏳ <code>{ $code }</code> тапсырысының төлемі ({ $price }) банкіңізде дауланды. Шешілгенше бұғатталды: { $tokens }. { $balance }
dispute-won-notice = ✅ <code>{ $code }</code> тапсырысы туралы дау аяқталды, токендер қайтадан сіздікі: +{ $tokens }. { $balance }
dispute-lost-notice = Банк <code>{ $code }</code> тапсырысы үшін сізге { $price } қайтарды. Шегерілді: { $tokens }. { $balance }
precheckout-unknown = Бұл шот сізге арналмаған немесе ескірген. /buy ашыңыз: жаңасын сол жерден аласыз.
precheckout-paid = Бұл тапсырыс төленіп қойған, екінші рет төлеудің керегі жоқ.
precheckout-dead = Бұл шот енді жарамсыз. /buy ашыңыз: жаңасын сол жерден аласыз.
precheckout-amount = Бағасы өзгерді. /buy ашыңыз: жаңа шот сол жерде.
answer-package-gone = Бұл пакет енді жоқ. Төменнен басқасын таңдаңыз.
answer-checking = Тексеріп жатырмын. Төлем өтсе, токендер бірнеше секундта келеді.
answer-paid = Бұл тапсырыс төленіп қойған.
answer-order-cancelled = Тапсырыстан бас тартылды.
alert-paid-again = ⚠️ { $code } тапсырысы (сатып алушы { $who }) екі рет төленді: тағы { $price }. Екінші төлемді қайтарыңыз: <code>/refund { $payment }</code>. Жұлдыздарды бот өзі қайтарады.
alert-wrong-amount = ⚠️ { $code } тапсырысы (сатып алушы { $who }): { $expected } орнына { $came } келді, ештеңе берілген жоқ. <code>/topup { $who } токен саны</code> деп беріңіз немесе қайтарыңыз: <code>/refund { $payment }</code>.
alert-payment-unknown = ⚠️ Сатып алушы { $who } белгісіз шот бойынша («{ $payload }») { $price } төледі, ештеңе берілген жоқ. <code>/topup { $who } токен саны</code> деп беріңіз немесе қайтарыңыз: <code>/refund { $payment }</code>.
alert-payment-unknown-stripe = ⚠️ Сатып алушы { $who } белгісіз тапсырыс бойынша («{ $payload }») картамен { $price } төледі, ештеңе берілген жоқ. <code>/topup { $who } токен саны</code> деп беріңіз немесе төлемді Stripe кабинетінде қайтарыңыз: <code>{ $payment }</code>.
alert-dispute = ⚠️ { $code } тапсырысының төлемі ({ $price }, сатып алушы { $who }) дауланды, токендер бұғатталды. Stripe кабинетінде банкке жауап беріңіз: мерзімі сонда көрсетілген.
alert-dispute-refunded = ⚠️ { $code } тапсырысының төлемі банкте дауланды, бірақ ақша сатып алушыға қайтарылып қойған. Stripe кабинетінде жауап беріп, ақша қайтарылғанының растамасын қосыңыз: мерзімі сонда көрсетілген.
alert-dispute-won = ✅ { $code } тапсырысы туралы дауда жеңдік, токендер босатылды.
alert-dispute-lost = ⚠️ { $code } тапсырысы туралы дауда жеңілдік: { $price } кетті, токендер шегерілді. Апелляциядан кейін банк басқаша шешсе, токендер өздері қайтады.

## Ақша қайтару

refund-usage = Былай жазыңыз: <code>/refund K7F3QX</code> – тапсырыс коды немесе Stripe не Telegram төлемінің нөмірі.
refund-unknown = «{ $name }» төлемін білмеймін. Сенімді болу үшін Telegram жұлдыздарының тізімін қарап жатырмын: бір минуттан кейін қайталаңыз.
refund-sought = 🔎 <code>{ $name }</code> төлемі кімдікі екенін Stripe-тен сұрап жатырмын.
refund-found = 🔎 <code>{ $name }</code> – бұл { $code } тапсырысы.
refund-nowhere = <code>{ $name }</code> төлемі менің есебімде де, осы дүкеннің Stripe-тегі төлемдерінің арасында да жоқ.
refund-not-sought = ✖️ Stripe <code>{ $name }</code> төлемі кімдікі екенін айтпады. Себебі: <code>{ $detail }</code>.
refund-not-paid = { $code } тапсырысына ештеңе төленбеген, қайтаратын ақша жоқ.
refund-not-again = { $code } тапсырысының ақшасы қайтарылып қойған.
refund-not-disputed = { $code } тапсырысының төлемі дауланып жатыр: ақша қазір банкте. Stripe кабинетінде дауға жауап беріңіз.
refund-rail-off = Бұл төлем ({ $price }) қазір өшірілген тәсілмен келген, сондықтан оны осы жерден қайтару мүмкін емес. Тәсілді бот баптауларында қосыңыз немесе ақшаны Stripe кабинетінде қайтарыңыз.
refund-under-way = Бұл қайтару ({ $price }) басталып кеткен.
refund-done-before = Бұл қайтару ({ $price }) жасалып қойған.
refund-asked = ⏳ { $price } қайтарып жатырмын: { $name } (<code>{ $id }</code>). Ақша кеткенде токендер шегеріледі.
refund-done = ↩️ { $price } қайтарылды: { $name } (<code>{ $id }</code>).
refund-failed = ✖️ { $price } қайтару мүмкін болмады: { $name } (<code>{ $id }</code>). Ештеңе алынған жоқ, себебі қасындағы хабарда.
refund-by-hand =
    🏦 { $code } тапсырысы: { $name } (<code>{ $id }</code>), Kaspi арқылы { $price }.
    Осы ақшаны Kaspi қолданбасында сатып алушыға жіберіп, ✅ басыңыз. Сонда { $tokens } шегеріледі.
refund-spent = Жұмсалып қойғаны: { $tokens }. Олар қарыз болып, келесі толтырғанда өтеледі.
refund-left = { $code } тапсырысының ақшасы қайтарылмады.
button-refund-sent = ✅ Ақша жіберілді
answer-refunded = Жазылды: ақша жіберілді, токендер шегерілді.
alert-refund-failed = ⚠️ Сатып алушы { $who }: { $price } қайтару өтпеді: <code>{ $detail }</code>. Төлем <code>{ $payment }</code>. Себебін тексеріп, қайталаңыз: <code>/refund { $payment }</code>.
payments-usage = Былай жазыңыз: осы ай үшін <code>/payments</code> немесе <code>/payments 2026-10</code>.
payments-none = { $month } айында ештеңе төленбеген.
payments-file = { $month } айында төленгені: { $lines } сатып алу.
payments-cut = { $month } айында төленгені: алғашқы { $lines } сатып алу. Бәрі бір файлға сыймады.

## Kaspi: сатып алушы

order-waiting-kaspi =
    🏦 <b>{ $tokens }</b>
    Kaspi арқылы дәл <b>{ $price }</b> аударыңыз: төлеміңізді осы сома бойынша табамыз.
kaspi-phone = Телефон: <code>{ $phone }</code>
kaspi-recipient = Алушы: { $recipient }
kaspi-then =
    <code>{ $code }</code> тапсырысы. Төлеу мерзімі: { $until } (Астана уақыты).

    Төлегеннен кейін чекті осында жіберіңіз: PDF файл немесе экран суреті.
button-kaspi-open = 🏦 Kaspi-ді ашу
order-claimed =
    ⏳ <b>{ $tokens }</b>, бағасы { $price }, <code>{ $code }</code> тапсырысы
    Чек әкімшіде, жауап осында келеді.
kaspi-received =
    <code>{ $code }</code> тапсырысының чегі келді, рақмет. Әкімші оны түскен ақшамен салыстырып, растайды.
    { $wait }
kaspi-wait = Әдетте бұл ≈ { $time } алады.
kaspi-wait-unknown = Қанша уақыт кететінін әзірге айта алмаймын: әкімші қарағанда жауап бірден осында келеді.
answer-kaspi-waits = Чек әкімшіде. { $wait }
kaspi-send-receipt =
    <code>{ $code }</code> тапсырысы бойынша { $price } чегін осында жіберіңіз: Kaspi-ден PDF файл (ең дұрысы) немесе экран суреті.
kaspi-not-a-receipt = Бұл чекке ұқсамайды. <code>{ $code }</code> тапсырысы бойынша Kaspi-ден PDF файл немесе экран суретін жіберіңіз.
kaspi-too-large = Бұл файл чек үшін тым үлкен. <code>{ $code }</code> тапсырысы бойынша Kaspi-ден PDF немесе экран суретін жіберіңіз.
kaspi-which = Бұл <code>{ $code }</code> тапсырысының чегі ме, әлде жаңа фильмнің алғашқы кадры ма?
button-is-receipt = ✅ Бұл чек
button-is-frame = 🎬 Бұл фильмге кадр
kaspi-was-frame = Түсінікті, бұл фильмге кадр.
kaspi-was-receipt = Түсінікті, бұл <code>{ $code }</code> тапсырысының чегі.
kaspi-refused =
    ❌ <code>{ $code }</code> тапсырысының төлемі расталмады: { $reason }

    Төлеген болсаңыз, дұрыс чекті жіберіңіз: төмендегі батырма. Болмаса, бізге жазыңыз: /paysupport
kaspi-reason-nomoney = бізде мұндай аударым көрінбейді.
kaspi-reason-used = бұл чек бұрын пайдаланылған.
kaspi-reason-notreceipt = жіберілген файл төлем чегі емес.
kaspi-reason-unreadable = чек оқылмайды, PDF немесе анығырақ сурет жіберіңіз.
kaspi-reason-undone = растау қате болды, ақша бізге келмеген.
order-refused =
    ❌ <code>{ $code }</code> тапсырысы, { $tokens }: төлем расталмады.
    Төлеген болсаңыз, чекті қайта жіберіңіз.
order-state-draft = төлем тәсілі таңдалмаған
order-state-waiting = төлемді күтуде
order-state-claimed = тексеруді күтуде
order-state-paid = төленген
order-state-expired = мерзімі өткен
order-state-cancelled = бас тартылған
order-state-refused = расталмаған
order-state-refunded = ақша қайтарылған
order-state-disputed = дауланған

## Kaspi: әкімшінің карточкасы

desk-title = 🏦 <b>Kaspi, <code>{ $code }</code> тапсырысы</b>: күтеміз <b>{ $price }</b> → { $tokens }
desk-read = Чекте: { $fields }
desk-look = Сома мен уақытты чектен өзіңіз қараңыз.
desk-person = 👤 { $name }, <code>{ $id }</code>. Сатып алуы: { $orders }, фильмі: { $films }, бізге келген күні: { $since }.
desk-doubt-used = ⚠️ Дәл осындай чек бұрын келген: { $code } тапсырысы ({ $state }, сатып алушы { $who })
desk-doubt-amount = ⚠️ Чектегі сома басқа: { $shown }
desk-doubt-fits = ⚠️ Бұл сома сол сатып алушының басқа тапсырысына сай келеді: { $code } ({ $state })
desk-doubt-recipient = ⚠️ Чектегі алушы басқа: { $recipient }
desk-doubt-old = ⚠️ Чек тапсырыстан ескі: { $time }
desk-doubt-future = ⚠️ Чектегі уақыт әлі келген жоқ: { $time }
desk-doubt-encrypted = ⚠️ PDF құпиясөзбен жабылған, оқи алмаймын
desk-doubt-too_large = ⚠️ Файл чек үшін тым үлкен, мен оны оқымадым
desk-doubt-no_text = ⚠️ PDF ішінде мәтін жоқ, тек сурет
desk-doubt-unreadable = ⚠️ PDF бүлінген, оқи алмаймын
desk-doubt-not_a_pdf = ⚠️ Бұл PDF емес
desk-doubt-lost = ⚠️ Файлды жүктеу мүмкін болмады, мен оны тексермедім
desk-doubt-new = ⚠️ Жаңа сатып алушы, бұл оның бірінші сатып алуы
desk-confirm = ❓ Kaspi қолданбасында <b>{ $price }</b> көрініп тұр ма? Чек дәлел емес.
desk-why = ❓ Неге бас тартасыз? Себебін сатып алушы оқиды.
desk-undo = ❓ Растаудың күшін жойып, { $tokens } қайтарып аламыз ба?
desk-waits = ⏳ Сатып алушы күткеніне { $time } болды.
desk-first = ✅ { $who } Kaspi-де { $price } көріп тұр. Сома үлкен: тағы бір әкімші керек.
desk-paid = ✅ { $price } расталды, { $tokens } қосылды. { $who }, { $time }
desk-refused = ❌ Бас тартылды: { $reason } { $who }, { $time }
desk-over = ℹ️ Тапсырыс: { $state }.
desk-moved = 🏦 <code>{ $code }</code> тапсырысы: осы чаттағы жаңа карточкасын қараңыз.
desk-own = Бұл сіздің өз тапсырысыңыз. Оны басқа әкімші тексереді.
desk-stale = Тапсырыс содан бері өзгерді. Карточка жаңартылды, қайта қараңыз.
desk-refused-answer = Бас тартылды, сатып алушы себебін оқиды.
desk-first-answer = Жазылды. Енді басқа әкімші растауы керек.
desk-too-little = Бұл сомаға бір де токен шықпайды.
desk-approved-answer = Расталды: +{ $tokens }.
desk-undone-answer = Растаудың күші жойылды, токендер қайтарып алынды.
desk-done = 🏦 <code>{ $code }</code> тапсырысы: дайын, карточканы қараңыз.
desk-type-amount = <code>{ $code }</code> тапсырысы бойынша қанша теңге келді? Санмен жазыңыз.
desk-type-reason = <code>{ $code }</code> тапсырысынан неге бас тартасыз? Бір хабарламамен жазыңыз, сатып алушы оны оқиды.
desk-amount-wrong = Бұл сома емес. <code>{ $code }</code> тапсырысы бойынша теңгені бүтін санмен жазыңыз, мысалы 2000.
desk-confirm-amount = ❓ <code>{ $code }</code> тапсырысы: Kaspi қолданбасында <b>{ $came }</b> көрініп тұр ма (күткеніміз { $expected })? Онда { $tokens } қосамын.
button-desk-ok = ✅ { $price } келді
button-desk-amount = ✏️ Басқа сома
button-desk-no = ❌ Бас тарту
button-desk-yes = ✅ Иә, { $price } көрініп тұр
button-desk-back = ⬅️ Артқа
button-desk-nomoney = ❌ Ақша көрінбейді
button-desk-used = ❌ Чек бұрын болған
button-desk-notreceipt = ❌ Бұл чек емес
button-desk-unreadable = ❌ Оқылмайды
button-desk-typed = ✏️ Өзім жазамын
button-desk-undo = ↩️ Растаудың күшін жою
button-desk-undo-yes = ↩️ Иә, күшін жою

## Үзінді көшірме

balance-debt = Қарызыңыз: { $debt }, ол келесі толтырғанда өтеледі.
balance-frozen = Төлем дауына байланысты бұғатталғаны: { $frozen }.
statement-line = { $date }  <b>{ $amount }</b>  { $what }
statement-film = № { $number } фильм «{ $prompt }»
statement-film-refund = фильм үшін қайтарылды ({ $memo })
statement-welcome = танысу сыйлығы
statement-topup = әкімшіден
statement-purchase = сатып алу, тапсырыс
statement-refund = ақша қайтарылды, тапсырыс
statement-refund-failed = ақша қайтару өтпеді, тапсырыс
statement-dispute = төлем дауланды, тапсырыс
statement-dispute-won = дау аяқталды, тапсырыс
statement-undo = төлем расталмады, тапсырыс
statement-debt = қарыз өтелді
statement-promo = промокод
statement-referral = шақырылған дос үшін
statement-other = басқа
statement-file =
    { $lines ->
       *[other] Үзінді көшірме: { $lines } жол.
    }
button-statement = 📄 Үзінді көшірме
column-time = Уақыты (Қазақстан)
column-what = Не үшін
column-tokens = Токен
column-balance = Баланс

## Банк карталары (Stripe)

stripe-product = { $tokens } · { -bot }
button-pay-page = 💳 { $price } төлеу
order-waiting-stripe =
    💳 <b>{ $tokens }</b>, бағасы { $price }, <code>{ $code }</code> тапсырысы

    { $state }
stripe-preparing = Төлем бетін дайындап жатырмын, бір сәт…
stripe-ready = Батырманы басыңыз: Stripe төлем беті ашылады, кез келген банктің Visa не Mastercard картасы жарайды. Содан кейін осында оралыңыз, токендер өздігінен түседі.
stripe-unpaid = Төлем әлі түскен жоқ. Жаңа ғана төлеген болсаңыз, бір минут күтіп, 🔄 батырмасын тағы бір рет басыңыз.
stripe-away = Картамен төлеу қызметі қазір жауап бермей тұр. Мен қайта көріп жатырмын, ақша алынған жоқ. Асықсаңыз, басқа тәсілді таңдаңыз.
stripe-refused = <code>{ $code }</code> тапсырысын картамен төлеу мүмкін болмады, ақша алынған жоқ. Басқа тәсілді таңдаңыз: /buy
stripe-vanished = <code>{ $code }</code> тапсырысының төлем беті енді жұмыс істемейді, жаңасын ашыңыз: /buy. Төлеп қойған болсаңыз, бізге жазыңыз: /paysupport
returned-checking = <code>{ $code }</code> тапсырысының төлемін тексеріп жатырмын. Төлем өткен болса, токендер бірнеше секундта түседі.
returned-paid = ✅ <code>{ $code }</code> тапсырысы төленді. Балансыңыз: { $balance }.
alert-stripe-key = 🔴 Stripe кілтті қабылдамайды, картамен төлеу мүмкін емес: <code>{ $detail }</code>. STRIPE_SECRET_KEY мәнін және шектеулі кілттің құқықтарын тексеріңіз; <code>kadr doctor</code> көмектеседі.
alert-stripe-key-over = ✅ Stripe кілтті қайтадан қабылдайды.
alert-stripe-refused = ⚠️ Stripe { $code } тапсырысының төлем бетін жасаудан бас тартты: <code>{ $detail }</code>. Сатып алушыға басқа тәсіл ұсынылды. Stripe кабинетінде аккаунтты тексеріңіз.
alert-stripe-vanished = ⚠️ Stripe { $code } тапсырысының төлем бетін енді білмейді: <code>{ $session }</code>. STRIPE_SECRET_KEY басқа аккаунттың немесе басқа режимнің кілті болуы мүмкін. Төленген болса, токендерді <code>/topup</code> арқылы беріңіз.
alert-stripe-mode = ⚠️ { $code } тапсырысы Stripe-тың басқа режимінде төленген (нағыз тапсырыс үшін сынақ ақшасы немесе керісінше): <code>{ $session }</code>. Ештеңе есептелген жоқ.
alert-stripe-not-listed = ⚠️ { $code } тапсырысының ({ $price }) токендері берілген, бірақ Stripe-тегі төленген беттердің арасында ол жоқ: <code>{ $session }</code>. Stripe Dashboard-та тексеріңіз; төлем болмаса, токендерді <code>/topup</code> арқылы қайтарып алыңыз. Кілт басқа аккаунттың кілтіне ауысқанда да осылай болады.

invoice-refused = Telegram <code>{ $code }</code> тапсырысының шотын қабылдамады, сондықтан тапсырыстан бас тартылды, ештеңе төленген жоқ. Кейінірек немесе басқа тәсілмен байқап көріңіз: /buy
alert-invoice-refused = ⚠️ Telegram { $code } тапсырысының шотын қабылдамады: <code>{ $detail }</code>. @BotFather-ден боттың жұлдыз қабылдай алатынын және пакет бағасы Telegram-ға жарайтынын тексеріңіз.
order-mention = <code>{ $code }</code> · { $tokens } · { $price } · { $state }

## Промокодтар мен шақырулар

promo-usage = Промокодты былай жіберіңіз: <code>/promo КОД</code>.
promo-done = 🎁 Промокод бойынша +{ $tokens }. Баланс: { $balance }.
promo-unknown = Мұндай промокод жоқ. Қате жазылмағанын тексеріңіз.
promo-again = { $code } промокодын пайдаланып қойғансыз. Баланс: { $balance }.
promo-over = { $code } промокодының мерзімі өтті.
promo-used-up = { $code } промокоды таусылды.
promo-admin-usage =
    <code>/promo new КОД токен [неше адам] [мерзім]</code> – жаңа промокод. Мерзім: <code>30d</code> немесе <code>2027-01-31</code>; сызықша <code>-</code> шектеусіз дегенді білдіреді.
    <code>/promo list</code> – барлық промокод
    <code>/promo stop КОД</code> – тоқтату
promo-bad-code = Промокодта 3-тен 32-ге дейін таңба болады: латын әріптері, цифрлар, _ және -.
promo-bad-tokens = Қанша токен? Бүтін сан, ең көбі { $limit }.
promo-bad-time = Мерзімді былай жазыңыз: <code>30d</code> (күн) немесе <code>2027-01-31</code>, өткен күн болмасын.
promo-exists = { $code } промокоды бар.
promo-made =
    🎁 Дайын. { $line }
    { $link }
promo-none = Промокод әлі жоқ.
promo-line = <code>{ $code }</code>: { $tokens }, пайдаланылғаны: { $used } / { $limit }, мерзімі: { $until }
promo-stopped = { $code } промокоды тоқтатылды.
invite =
    👥 <b>Досыңызды шақырыңыз</b>
    Сілтемеңізбен келген досыңыздың бірінші сатып алуы үшін { $reward } аласыз.

    { $link }

    Келген достар: { $friends }, сатып алғандары: { $buyers }, алған сыйлығыңыз: { $earned }.
invite-off = Қазір шақырулар үшін сыйлық жоқ.
button-copy-link = 📋 Сілтемені көшіру
referral-earned = 👥 +{ $reward }: досыңыз { $friend } бірінші рет сатып алды. Рақмет! Баланс: { $balance }.
referral-lost = 👥 Досыңыздың сатып алуы күшін жойды, сондықтан сыйлық қайтарып алынды: { $reward }. Баланс: { $balance }.
menu-invite = Досты шақыру
menu-promo = Промокод
