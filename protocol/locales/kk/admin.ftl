# What admins read: people, jobs, orders, figures, broadcasts, alerts.

## Жаппай хабарлама

people-count = { $n ->
   *[other] { NUMBER($n, useGrouping: 0) } адам
}
broadcast-usage = <code>/broadcast</code> деп, артынан мәтінді жазыңыз немесе бәрі көруі керек хабарламаға (мәтін, фото не видео) <code>/broadcast</code> деп жауап беріңіз. Алдымен оны өзіңізге көрсетемін.
broadcast-draft =
    📣 <b>№ { $number } жаппай хабарлама</b>

    Жоғарыда – адамдар көретін хабарлама. Кімге жіберейін?
    Қазір бұл { $people }.
broadcast-sure =
    📣 <b>№ { $number } жаппай хабарлама</b>

    Бұл { $people }, ≈ { $time } кетеді. Шынымен жіберейін бе?
broadcast-waiting = 📣 № { $number } хабарлама ({ $people }) алдыңғысы біткенде басталады.
broadcast-sending =
    📣 № { $number } хабарлама жіберіліп жатыр

    { $bar } { $percent } %
    Жіберілді: { $sent } / { $all } · ботты бұғаттаған: { $blocked } · жетпеді: { $failed }
    Қалған уақыт: ≈ { $left }
broadcast-done =
    ✅ № { $number } хабарлама жіберіліп бітті

    Жіберілді: { $sent } / { $all } · ботты бұғаттаған: { $blocked } · жетпеді: { $failed } · әлі жолда: { $way }
    Уақыты: { $time }
broadcast-stopped =
    ✖️ № { $number } хабарлама тоқтатылды

    Жіберілді: { $sent } / { $all } · ботты бұғаттаған: { $blocked } · жетпеді: { $failed } · әлі жолда: { $way } · жіберілмеді: { $rest }
    Уақыты: { $time }
broadcast-broken =
    ⚠️ № { $number } хабарлама үзілді: <code>{ $reason }</code>

    Жіберілді: { $sent } / { $all } · ботты бұғаттаған: { $blocked } · жетпеді: { $failed } · әлі жолда: { $way } · жіберілмеді: { $rest }
    Уақыты: { $time }
    Хабарлама орнында ма, оны көшіруге бола ма? Жаңасын бастаңыз: /broadcast.
broadcast-cancelled = № { $number } хабарлама жіберілмейтін болды, оны ешкім көрген жоқ.
broadcast-to-all = Бәрі · { $n }
broadcast-to-paid = Төлегендер · { $n }
broadcast-to-unpaid = Төлемегендер · { $n }
broadcast-to-active = 30 күнде болғандар · { $n }
broadcast-any-language = Барлық тіл
broadcast-button-test = 👁 Маған тағы көрсету
broadcast-button-start = ✅ Жіберу
broadcast-button-drop = ❌ Жібермеу
broadcast-button-stop = ✖️ Тоқтату
broadcast-answer-started = Хабарлама жіберіліп жатыр.
broadcast-answer-stopped = Тоқтатылды.
broadcast-answer-nobody = Оны ешкім көрмейді. Басқа адамдарды таңдаңыз.

## Адамдар және толтырулар

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
topup-below = { $name }: қолда бары { $balance }, бұл сіз алғыңыз келгеннен аз.
topup-too-many = Бір жолы ең көбі { $limit }.
topup-notice-plus = 💰 Сізге { $amount } берілді. Баланс: { $balance }.
topup-notice-minus = 💰 Шегерілді: { $amount }. Баланс: { $balance }.
menu-users = Адамдар
menu-topup = Токен беру немесе алу
users-filter-all = бәрі
users-filter-balance = балансы бар
users-filter-paid = төлегендер
users-filter-new = бүгін келгендер
users-filter-active = 7 күнде
users-filter-banned = бұғатталғандар
users-filter-gone = кеткендер
user-usage = Былай жазыңыз: <code>/user 123456</code> немесе <code>/user @name</code>
user-card =
    👤 <b>{ $name }</b>
    <code>{ $id }</code> · { $language } · келген күні: { $since } · { $seen }

    Қолда бары: <b>{ $balance }</b>, бөлінгені: { $held }
    Жұмсалғаны: { $spent }
    Фильмдер: ✅ { $delivered } · ✖️ { $failed } · ⏳ { $work }
    Сатып алулар: { $orders }, төленгені: { $paid }
user-owes = Қарызы: { $debt }
user-banned = 🚫 { $ago } бұғатталды. Себебі: { $reason }
user-gone = Ботты { $ago } тоқтатты.
user-gift = { $name }: қанша токен берейін? Санды, қаласаңыз себебін де жіберіңіз: <code>250 шыдамы үшін</code>. Минус таңбасы токенді алады. { $limit } шегінен асса, растауды сұраймын.
ago-minutes = { $n ->
    [0] жаңа ғана
   *[other] { $n } мин бұрын
}
ago-hours = { $n } сағ бұрын
button-gift-other = 💰 Басқа сома
button-films = 🎬 Фильмдері
button-ban = 🚫 Бұғаттау
button-ban-yes = ✅ Иә, бұғаттау
button-ban-no = ❌ Жоқ
button-unban = ✅ Бұғаттан шығару
button-refresh = 🔄 Жаңарту
admin-reason = Себебі: { $reason }
topup-asked =
    Үлкен сома, тексеріңіз.
    <b>{ $name }</b> (<code>{ $id }</code>): <b>{ $change }</b>
    Қазір: { $balance }. Кейін: { $after }.
topup-asked-again =
    ⚠️ Бұл өте көп. Бәрі дұрыс болса, ✅ тағы бір рет басыңыз.
    <b>{ $name }</b> (<code>{ $id }</code>): <b>{ $change }</b>
    Қазір: { $balance }. Кейін: { $after }.
topup-refused = Бас тартылды, ештеңе өзгерген жоқ. { $name } (<code>{ $id }</code>): <s>{ $change }</s>. Баланс: { $balance }.
topup-undone = Кері қайтарылды. { $name } (<code>{ $id }</code>): <s>{ $change }</s>. Баланс: { $balance }.
topup-undo-late = Бір тәуліктен көп уақыт өтті: енді қайтаруға болмайды. /topup арқылы түзетіңіз.
topup-why = Себебін бір хабарламамен жіберіңіз.
topup-why-done = Себебі жазылды.
button-topup-yes = ✅ Иә
button-topup-no = ❌ Жоқ
button-undo = ↩️ Кері қайтару
button-reason = ✏️ Себебін жазу

## Фильмдер

jobs-filter-all = бәрі
jobs-filter-queued = кезекте
jobs-filter-work = жұмыста
jobs-filter-delivered = дайын
jobs-filter-failed = шықпаған
jobs-filter-cancelled = бас тартылған
jobs-none = Мұндай фильм жоқ.
jobs-title =
    <b>Фильмдер</b>: { $total }
    Түсім: { $earned } · шығын { $cost } · маржа { $margin }
jobs-line = { $sign } <b>{ $number }</b> { $name } · { $model } { $seconds } с · { $price } · { $ago }
job-usage = Былай жазыңыз: <code>/job 17</code>. Тізімі: /jobs
job-unknown = № { $number } фильм жоқ.
job-card =
    🎬 <b>№ { $number } фильм</b>: { $state }
    <i>{ $prompt }</i>

    { $name } (<code>{ $id }</code>)
    { $model } · { $seconds } с · { $size } · { $price }
    Сервис: { $backend } · <code>{ $backend_id }</code>
job-margin = Шығын: { $cost } · маржа: { $margin }
job-cost = Түсірілсе, шығыны: { $cost }
job-history = <b>Жұмыс барысы</b>
job-moment = { $time } { $what }
job-at-ordered = тапсырыс берілді
job-at-submitted = сервиске жіберілді
job-at-accepted = сервис қабылдады
job-at-ready = файл бізде
job-state-queued = кезекте
job-state-submitting = сервиске жіберіліп жатыр
job-state-unknown = байланыс үзілді, сервистен іздеп жатырмыз
job-state-processing = түсіріліп жатыр
job-state-ready = сатып алушыға жіберіліп жатыр
job-state-delivered = жеткізілді
job-state-failed = шықпады, токендер қайтарылды
job-state-cancelled = бас тартылды
job-progress = Дайыны: { $percent } %
job-error = Қате <code>{ $failure }</code>: <code>{ $detail }</code>
job-refunded = ↩️ Сатып алушыға қайтарылды: { $price }
job-deed = { $time } <code>{ $what }</code> { $detail }
job-ended = Бұл фильммен жұмыс аяқталған.
job-soon = Ол дәл қазір жіберіліп жатыр. Бір минуттан кейін байқап көріңіз.
job-unpaid = Бұл фильм үшін ештеңе төленген жоқ.
job-runs = Ол әлі жұмыста.
job-gone = { $model } моделінің мұндай өлшемі енді сатылмайды.
job-no-picture = Бұл фильмнің суреті бізде қалмады. Адамнан қайта жіберуін сұраңыз.
job-no-source = Ол жасалған № { $number } фильм сервисте қалмаған.
job-no-film = Telegram бұл файлды енді сақтамайды.
job-refund-notice = 💰 № { $number } фильм үшін сізге қайтарылды: { $amount }. Фильм сізде қалады. Баланс: { $balance }.
job-retry-notice = 🎁 № { $number } фильмді тегін қайта түсіріп жатырмыз: енді ол № { $again }.
button-job-cancel = ✖️ Фильмнен бас тарту
button-job-stop = ✖️ Енді күтпеу
button-job-refund = ↩️ Токендерді қайтару
button-job-deliver = 📤 Қайта жіберу
button-job-retry = 🔁 Тегін қайта түсіру
button-job-cancel-yes = ✅ Иә, бас тарту
button-job-stop-yes = ✅ Иә, күтпей, токендерді қайтару
button-job-refund-yes = ✅ Иә, токендерді қайтару
button-job-person = 👤 Сатып алушы
answer-done = Орындалды.

## Рұқсат және үзілістер

ban-usage = Былай жазыңыз: <code>/ban 123456 себебі</code> немесе <code>/ban @name себебі</code>
ban-done = 🚫 { $name } (<code>{ $id }</code>) бұғатталды. Басталған фильмдер жеткізіледі. Қайтару: <code>/unban { $id }</code>
ban-already = { $name } бұғатталған.
ban-admin = { $name } – әкімші, оны бұғаттауға болмайды.
ban-none = { $name } бұғатталмаған.
unban-usage = Былай жазыңыз: <code>/unban 123456</code> немесе <code>/unban @name</code>
unban-done = ✅ { $name } (<code>{ $id }</code>) бұғаттан шығарылды.
banned = Сізге ботты пайдалануға рұқсат жоқ. Басталған фильмдер келеді. Бұл қате болса немесе төлем туралы сұрақ болса: /paysupport
answer-banned = Сізге ботты пайдалануға рұқсат жоқ. Бұл қате болса: /paysupport
unbanned = Ботты қайта пайдалана аласыз. Фильмде не болатынын жазыңыз.
maintenance-usage = Былай жазыңыз: <code>/maintenance on Сағат 15:00-де ораламыз</code> немесе <code>/maintenance off</code>
maintenance-sentence = Қазір жаңартып жатырмыз. Сәл кейінірек келіңіз.
maintenance-on = 🔧 Үзіліс басталды. Жаңа фильмдер басталмайды, басталғандары жүріп жатыр. Адамдар мынаны оқиды: <i>{ $sentence }</i>
maintenance-off = ✅ Үзіліс жоқ: фильмге қайта тапсырыс беруге болады.
maintenance-is-on = 🔧 Үзіліс { $ago } басталды. Адамдар мынаны оқиды: <i>{ $sentence }</i>
maintenance-is-off = Үзіліс жоқ. Бастау: <code>/maintenance on Сағат 15:00-де ораламыз</code>
maintenance-long = Тым ұзын: { $length } таңба, ал { $limit } таңба ғана сияды.
maintenance-notice = 🔧 { $sentence }
answer-maintenance = { $sentence }

## Бағалар және журнал

price-usage = Өзгерту: <code>/price sora-2 720x1280 6</code>. Каталог бағасын қайтару: <code>/price sora-2 720x1280 reset</code>
price-title = <b>Секундына токен</b> (өзгертілсе, жақшада каталогтағысы)
price-done = { $model } { $size }: секундына { $price }.
price-no-model = { $model } деген модель жоқ. Бары: { $known }.
price-no-size = Оның { $size } өлшемі жоқ. Бары: { $known }.
price-number = { $text } жарамайды: 1 мен { $most } арасындағы бүтін сан керек.
package-usage = Пакеттің токенін, теңгесін, жұлдызын өзгерту: <code>/package small 100 2490 250</code>. Каталогтағысын қайтару: <code>/package small reset</code>
package-title = <b>Токен пакеттері</b>
package-line = <code>{ $id }</code>: { $tokens } · { $kzt } · { $stars }
package-done = Пакет { $package }
package-none = { $package } деген пакет жоқ. Бары: { $known }.
package-too-much = Тым көп ({ $field }): ең көбі { $limit }.
answer-price = Баға өзгерді: енді { $price }. Карточканы қарап, ▶️ тағы бір рет басыңыз.
log-empty = Журнал бос.
log-title = <b>Әкімшілер не істеді</b>
log-line = { $time } · <code>{ $admin }</code> · <b>{ $what }</b> <code>{ $subject }</code> · { $detail }
failure-stopped = Біз оны тоқтаттық. Сұрақтар: /paysupport
help-admin =
    <b>Әкімшіге</b>
    /users – адамдар · /user 123 – бір адам
    /topup 123 100 себебі – токен беру немесе алу
    /jobs – фильмдер · /job 17 – бір фильм
    /stats – сандар · /broadcast – жаппай хабарлама
    /ban 123 · /unban 123 – бұғаттау немесе шығару
    /maintenance on – үзіліс
    /price · /package – бағалар мен пакеттер
    /promo new – промокодтар
    /refund – төлемді қайтару · /backup – база көшірмесі
    /payments – бір айдың сатып алулары кестеде
    /log – әкімшілер не істеді
menu-user = Бір адам
menu-jobs = Фильмдер
menu-job = Бір фильм
menu-stats = Сандар
menu-ban = Бұғаттау
menu-unban = Бұғаттан шығару
menu-broadcast = Жаппай хабарлама
menu-maintenance = Үзіліс
menu-refund = Төлемді қайтару
menu-payments = Бір айдың сатып алулары
menu-backup = База көшірмесі
menu-price = Фильм бағалары
menu-package = Токен пакеттері
menu-log = Әкімшілер журналы

# Оператордың порты

alert-operator-port =
    ⚠️ Тікелей лента мен панель жұмыс істемей тұр: { $address } мекенжайы ашылмады (<code>{ $detail }</code>).
    Бот өзі жұмыс істеп тұр. Портты басқа бағдарлама алып тұр ма? OPERATOR_ADDR-ға бос портты жазып, ботты қайта қосыңыз; бот портты әр 30 секунд сайын ашып көреді.

## Дерекқор көшірмелері

backup-begun = 💾 Дерекқордың көшірмесін жасап жатырмын. Дүкен жұмысын жалғастыра береді.
backup-not-sqlite = Көшірме тек SQLite-тан жасалады. Сізде PostgreSQL: оған <code>pg_dump</code> бар.
backup-copies = { $copies ->
   *[other] Дискіде қазір { $copies } көшірме бар.
}
backup-made-sent =
    💾 Дерекқор көшірмесі дайын: <code>{ $name }</code>, { $megabytes } МБ. Қазір осында файл болып келеді.
    Оны бөлек қалпына келтіріп, есептерін тексердім. Фильмдер оған кірмейді. { $stay }
backup-made-sealed =
    💾 Дерекқор көшірмесі дайын: <code>{ $name }</code>, { $megabytes } МБ. Боттың <code>backups</code> қалтасында жатыр.
    Оны бөлек қалпына келтіріп, есептерін тексердім. Фильмдер оған кірмейді. { $stay }
backup-made-plain =
    💾 Дерекқор көшірмесі дайын: <code>{ $name }</code>, { $megabytes } МБ. Боттың <code>backups</code> қалтасында жатыр.
    Оны бөлек қалпына келтіріп, есептерін тексердім. Фильмдер оған кірмейді. { $stay }
    Ол шифрланбаған, сондықтан мұнда жібермеймін: <code>BACKUP_AGE_RECIPIENT</code> деп ашық кілтіңізді беріңіз.
backup-made-large =
    💾 Дерекқор көшірмесі дайын: <code>{ $name }</code>, { $megabytes } МБ. Боттың <code>backups</code> қалтасында жатыр: Telegram үшін тым үлкен.
    Оны бөлек қалпына келтіріп, есептерін тексердім. Фильмдер оған кірмейді. { $stay }
backup-failed = 💾 Көшірме жасалмады: <code>{ $reason }</code>. Дүкенде ештеңе өзгерген жоқ.
backup-caption = 💾 Дерекқор көшірмесі, { $megabytes } МБ. Сенімді жерде сақтаңыз: оны <code>kadr restore</code> қалпына келтіреді.
alert-backup-failed =
    ⚠️ Дерекқордың түнгі көшірмесі жасалмады: <code>{ $reason }</code>.
    Әр жарты сағат сайын қайталаймын. Не істеу керек: дискіде орын бар-жоғын қараңыз да, /backup жіберіңіз.
alert-backup-again = ✅ Дерекқор көшірмелері қайтадан жасалып жатыр.
alert-backup-books =
    🔴 Дерекқор көшірмесі бүтін, бірақ есептері { $count } жерде сәйкес емес. Біріншісі: <code>{ $first }</code>
    Не істеу керек: <code>kadr audit</code> іске қосып, сатуды жалғастырмас бұрын анықтаңыз.
alert-backup-bucket =
    ⚠️ <code>{ $name }</code> көшірмесі дискіде жатыр, бірақ қойма оны қабылдамады: <code>{ $reason }</code>.
    Не істеу керек: BACKUP_S3 айнымалыларын және кілттің құқықтарын тексеріңіз.
alert-backup-bucket-again = ✅ Дерекқор көшірмелері қоймаға қайтадан жетіп жатыр.
alert-restored =
    ⚠️ Дерекқор { $when } UTC көшірмесінен қалпына келтірілді. Одан кейін болған нәрсе онда жоқ.
    Кезектегі фильмдер үшін қайтарылды: { $films } · тоқтатылған жаппай хабарлама: { $broadcasts }
    Не істеу керек: содан бергі төлемдерді (Stripe, Kaspi, Stars) /users тізімімен салыстырып, /topup арқылы түзетіңіз.

## Дабылдар: әрқайсысы не болғанын және не істеу керегін айтады

alert-more =
    ⚠️ Осы сағатта мұндайдан тағы { NUMBER($number, useGrouping: 0) } болды. Бір-бірлеп айтпаймын, соңғысы:

    { $latest }
alert-queue = ⚠️ № { $job } фильм кезекте { $waited } күтіп тұр, бұл тиісті уақыттан ұзақ. Сервис тапсырыс алып жатыр ма? /jobs қараңыз; каталогта орын көбейтсеңіз (<code>concurrency</code>), кезек қысқарады.
alert-queue-over = ✅ Фильмдер кезегі қайта жылжып жатыр.
alert-audit =
    🔴 Есеп кітаптары сәйкес келмейді, айырмашылық саны: { NUMBER($count, useGrouping: 0) }.
    <code>{ $first }</code>
    /maintenance қосыңыз, /backup жасаңыз және ешкім сатып алмай тұрғанда <code>kadr audit</code> нәтижесін қараңыз.
alert-audit-over = ✅ Есеп кітаптары қайта сәйкес.
alert-conflict = 🔴 { $since } бойы осы боттың жаңартуларын Telegram-нан басқа біреу алып жатыр (409 Conflict), мен ештеңе естімеймін. Боттың екінші көшірмесін (ескі сервис, әзірлеушінің компьютері) тауып тоқтатыңыз; ол болмаса, @BotFather-ден жаңа токен алыңыз.
alert-conflict-over = ✅ Осы боттың жаңартуларын енді басқа ешкім алмайды.
alert-disk = ⚠️ Дискінің толғаны: { $percent } %, бос орын: { $free } МБ. Оны хостинг панелінде үлкейтіңіз (кейін кішірейтуге болмайды) немесе ескі сақтық көшірмелерді алып тастаңыз.
alert-disk-over = ✅ Дискіде қайтадан орын бар.
alert-memory = ⚠️ Бот алған жад: { $percent } %, { $limit } МБ ішінен { $used } МБ. 100 % болғанда машина оны тоқтатады. Тыныш сағатта қайта іске қосыңыз; қайталанса, үлкенірек машина алыңыз.
alert-memory-over = ✅ Жад қайтадан қалыпты.
alert-actor = ⚠️ Боттың бір бөлігі істен шығып, қайта іске қосылды: <b>{ $actor }</b>, <code>{ $reason }</code>. Ештеңе жоғалған жоқ. Жалғаса берсе, журналды әзірлеушілерге жіберіп, алдыңғы нұсқаға қайтыңыз.
alert-backup-late = ⚠️ Дерекқордың соңғы көшірмесіне { NUMBER($hours, useGrouping: 0) } сағат болды. /backup арқылы жаңасын жасаңыз; болмаса, себебі айтылады.
alert-backup-late-over = ✅ Дерекқордың жаңа көшірмесі қайтадан бар.
alert-started = ℹ️ Kadr { $release } жұмыс істеп тұр, бұған дейін { $before } болған. Қайта қолға алынған фильмдер: { NUMBER($recovered, useGrouping: 0) }.
alert-crashed = ⚠️ Бот бұйрықсыз тоқтап қалды (мәжбүрлеп тоқтатылды, жад жетпеді немесе ақау шықты), енді қайта жұмыс істеп тұр: Kadr { $release }. Қайта қолға алынған фильмдер: { NUMBER($recovered, useGrouping: 0) }. Қайталанса, жадты және { $at } шамасындағы журналды қараңыз.

## Сандар

stats-today = Бүгін
stats-week = 7 күн
stats-month = 30 күн
stats-part =
    <b>{ $title }</b>
    Жаңа адамдар: { NUMBER($people, useGrouping: 0) }
    Фильмдер: ✅ { NUMBER($delivered, useGrouping: 0) } · ✖️ { NUMBER($failed, useGrouping: 0) }
    Кіріс: { $income }
    Токендер: сатылды { NUMBER($sold, useGrouping: 0) } · жұмсалды { NUMBER($spent, useGrouping: 0) }
    Өзіндік құны: { $cost } · маржа: { $margin } ({ $share })
stats-waits = Күту: әдетте { $usual }, оннан тоғызында ең көбі { $long }
stats-caption = Соңғы 30 күн
stats-draw-title = Kadr: соңғы 30 күн
stats-draw-films = Фильмдер
stats-draw-delivered = жеткізілді
stats-draw-failed = шықпады
stats-draw-income = Төлем түрлері бойынша кіріс, ≈ $
stats-draw-margin = Өзіндік құн және маржа, $
stats-draw-cost = өзіндік құн
stats-draw-left = маржа
stats-draw-waits = Күту, мин
stats-draw-usual = фильмдердің жартысы
stats-draw-long = оннан тоғызы
stats-rail-stars = Stars
stats-rail-stripe = Stripe
stats-rail-kaspi = Kaspi
