# What admins read: people, jobs, orders, figures, broadcasts, alerts.

## Рассылки

people-count = { $n ->
    [one] { NUMBER($n, useGrouping: 0) } человек
    [few] { NUMBER($n, useGrouping: 0) } человека
   *[other] { NUMBER($n, useGrouping: 0) } человек
}
broadcast-usage = Напишите <code>/broadcast</code> и текст после него или ответьте <code>/broadcast</code> на сообщение, которое должны увидеть все: текст, фото или видео. Сначала я покажу его вам.
broadcast-draft =
    📣 <b>Рассылка № { $number }</b>

    Выше – то, что увидят люди. Кому показать?
    Сейчас это { $people }.
broadcast-sure =
    📣 <b>Рассылка № { $number }</b>

    Это { $people }, займёт ≈ { $time }. Точно отправить?
broadcast-waiting = 📣 Рассылка № { $number } ({ $people }) начнётся, когда закончится предыдущая.
broadcast-sending =
    📣 Рассылка № { $number } идёт

    { $bar } { $percent } %
    Отправлено: { $sent } из { $all } · заблокировали бота: { $blocked } · не дошло: { $failed }
    Осталось: ≈ { $left }
broadcast-done =
    ✅ Рассылка № { $number } закончена

    Отправлено: { $sent } из { $all } · заблокировали бота: { $blocked } · не дошло: { $failed } · ещё в пути: { $way }
    Время: { $time }
broadcast-stopped =
    ✖️ Рассылка № { $number } остановлена

    Отправлено: { $sent } из { $all } · заблокировали бота: { $blocked } · не дошло: { $failed } · ещё в пути: { $way } · не отправлено: { $rest }
    Время: { $time }
broadcast-broken =
    ⚠️ Рассылка № { $number } оборвалась: <code>{ $reason }</code>

    Отправлено: { $sent } из { $all } · заблокировали бота: { $blocked } · не дошло: { $failed } · ещё в пути: { $way } · не отправлено: { $rest }
    Время: { $time }
    Сообщение ещё на месте, и его можно копировать? Начните новую: /broadcast.
broadcast-cancelled = Рассылка № { $number } отменена, её никто не увидел.
broadcast-to-all = Все · { $n }
broadcast-to-paid = Платили · { $n }
broadcast-to-unpaid = Не платили · { $n }
broadcast-to-active = Были за 30 дней · { $n }
broadcast-any-language = Все языки
broadcast-button-test = 👁 Показать мне ещё раз
broadcast-button-start = ✅ Отправить
broadcast-button-drop = ❌ Не отправлять
broadcast-button-stop = ✖️ Остановить
broadcast-answer-started = Рассылка идёт.
broadcast-answer-stopped = Остановлено.
broadcast-answer-nobody = Её никто не увидит. Выберите других людей.

## Люди и пополнения

users-none = Никого не нашлось.
users-title = <b>Люди</b>: { $total }
users-line = <code>{ $id }</code> { $name } · { $balance } · { $seen }
users-seen = { $days ->
    [0] сегодня
    [one] { $days } день назад
    [few] { $days } дня назад
   *[other] { $days } дней назад
}
topup-usage = Пишите так: <code>/topup 123456 100 причина</code> или <code>/topup @name -50 причина</code>
topup-unknown = { $who } мне не встречался: человек должен сначала написать мне.
topup-done = { $name } (<code>{ $id }</code>): { $change }. Баланс: { $balance }.
topup-below = { $name }: свободно { $balance }, это меньше, чем вы хотите снять.
topup-too-many = За один раз не больше чем { $limit }.
topup-notice-plus = 💰 Вам начислено: { $amount }. Баланс: { $balance }.
topup-notice-minus = 💰 Списано: { $amount }. Баланс: { $balance }.
menu-users = Люди
menu-topup = Начислить или списать токены
users-filter-all = все
users-filter-balance = с балансом
users-filter-paid = платили
users-filter-new = новые сегодня
users-filter-active = за 7 дней
users-filter-banned = закрыт доступ
users-filter-gone = ушли
user-usage = Пишите так: <code>/user 123456</code> или <code>/user @name</code>
user-card =
    👤 <b>{ $name }</b>
    <code>{ $id }</code> · { $language } · с { $since } · { $seen }

    Свободно: <b>{ $balance }</b>, отложено: { $held }
    Потрачено: { $spent }
    Фильмы: ✅ { $delivered } · ✖️ { $failed } · ⏳ { $work }
    Покупки: { $orders }, оплачено: { $paid }
user-owes = Долг: { $debt }
user-banned = 🚫 Доступ закрыт { $ago }. Причина: { $reason }
user-gone = Остановил бота { $ago }.
user-gift = Сколько токенов начислить, кому: { $name }? Пришлите число и, если хотите, причину: <code>250 за терпение</code>. Минус списывает. Больше чем { $limit } – с подтверждением.
ago-minutes = { $n ->
    [0] только что
   *[other] { $n } мин назад
}
ago-hours = { $n } ч назад
button-gift-other = 💰 Другая сумма
button-films = 🎬 Фильмы
button-ban = 🚫 Закрыть доступ
button-ban-yes = ✅ Да, закрыть доступ
button-ban-no = ❌ Нет
button-unban = ✅ Открыть доступ
button-refresh = 🔄 Обновить
admin-reason = Причина: { $reason }
topup-asked =
    Большая сумма, проверьте.
    <b>{ $name }</b> (<code>{ $id }</code>): <b>{ $change }</b>
    Сейчас: { $balance }. Станет: { $after }.
topup-asked-again =
    ⚠️ Это очень много. Если всё верно, нажмите ✅ ещё раз.
    <b>{ $name }</b> (<code>{ $id }</code>): <b>{ $change }</b>
    Сейчас: { $balance }. Станет: { $after }.
topup-refused = Отказались, ничего не изменилось. { $name } (<code>{ $id }</code>): <s>{ $change }</s>. Баланс: { $balance }.
topup-undone = Возвращено назад. { $name } (<code>{ $id }</code>): <s>{ $change }</s>. Баланс: { $balance }.
topup-undo-late = Прошло больше суток: отменить уже нельзя. Поправьте через /topup.
topup-why = Пришлите причину одним сообщением.
topup-why-done = Причина записана.
button-topup-yes = ✅ Да
button-topup-no = ❌ Нет
button-undo = ↩️ Вернуть назад
button-reason = ✏️ Указать причину

## Фильмы

jobs-filter-all = все
jobs-filter-queued = в очереди
jobs-filter-work = в работе
jobs-filter-delivered = готовые
jobs-filter-failed = не вышли
jobs-filter-cancelled = отменены
jobs-none = Таких фильмов нет.
jobs-title =
    <b>Фильмы</b>: { $total }
    Заработано: { $earned } · расход { $cost } · маржа { $margin }
jobs-line = { $sign } <b>{ $number }</b> { $name } · { $model } { $seconds } с · { $price } · { $ago }
job-usage = Пишите так: <code>/job 17</code>. Список: /jobs
job-unknown = Фильма № { $number } нет.
job-card =
    🎬 <b>Фильм № { $number }</b>: { $state }
    <i>{ $prompt }</i>

    { $name } (<code>{ $id }</code>)
    { $model } · { $seconds } с · { $size } · { $price }
    Сервис: { $backend } · <code>{ $backend_id }</code>
job-margin = Расход: { $cost } · маржа: { $margin }
job-cost = Расход, если снимется: { $cost }
job-history = <b>Ход работы</b>
job-moment = { $time } { $what }
job-at-ordered = заказан
job-at-submitted = отправлен сервису
job-at-accepted = принят сервисом
job-at-ready = файл у нас
job-state-queued = в очереди
job-state-submitting = отправляется сервису
job-state-unknown = связь оборвалась, ищем его у сервиса
job-state-processing = снимается
job-state-ready = отправляется покупателю
job-state-delivered = доставлен
job-state-failed = не получился, токены возвращены
job-state-cancelled = отменён
job-progress = Готово: { $percent } %
job-error = Ошибка <code>{ $failure }</code>: <code>{ $detail }</code>
job-refunded = ↩️ Покупателю возвращено: { $price }
job-deed = { $time } <code>{ $what }</code> { $detail }
job-ended = С этим фильмом уже всё закончено.
job-soon = Он как раз отправляется. Попробуйте через минуту.
job-unpaid = За этот фильм ничего не заплачено.
job-runs = Он ещё в работе.
job-gone = { $model } с таким размером больше не продаётся.
job-no-picture = Картинки этого фильма у нас больше нет. Попросите человека прислать её снова.
job-no-source = Фильма № { $number }, из которого он сделан, у сервиса больше нет.
job-no-film = Telegram больше не хранит этот файл.
job-refund-notice = 💰 За фильм № { $number } вам возвращено: { $amount }. Фильм остаётся у вас. Баланс: { $balance }.
job-retry-notice = 🎁 Фильм № { $number } снимаем заново бесплатно: теперь это № { $again }.
button-job-cancel = ✖️ Отменить фильм
button-job-stop = ✖️ Больше не ждать
button-job-refund = ↩️ Вернуть токены
button-job-deliver = 📤 Прислать ещё раз
button-job-retry = 🔁 Снять заново бесплатно
button-job-cancel-yes = ✅ Да, отменить
button-job-stop-yes = ✅ Да, не ждать и вернуть токены
button-job-refund-yes = ✅ Да, вернуть токены
button-job-person = 👤 Покупатель
answer-done = Сделано.

## Доступ и перерывы

ban-usage = Пишите так: <code>/ban 123456 причина</code> или <code>/ban @name причина</code>
ban-done = 🚫 { $name } (<code>{ $id }</code>): доступ закрыт. Начатые фильмы дойдут. Открыть: <code>/unban { $id }</code>
ban-already = { $name }: доступ уже закрыт.
ban-admin = { $name } – администратор, ему доступ не закрыть.
ban-none = { $name }: доступ не был закрыт.
unban-usage = Пишите так: <code>/unban 123456</code> или <code>/unban @name</code>
unban-done = ✅ { $name } (<code>{ $id }</code>): доступ снова открыт.
banned = Доступ к боту для вас закрыт. Фильмы, которые уже начаты, придут. Если это ошибка или вопрос об оплате: /paysupport
answer-banned = Доступ к боту для вас закрыт. Если это ошибка: /paysupport
unbanned = Доступ снова открыт. Напишите, что должно происходить в фильме.
maintenance-usage = Пишите так: <code>/maintenance on Вернёмся в 15:00</code> или <code>/maintenance off</code>
maintenance-sentence = Сейчас мы обновляемся. Загляните чуть позже.
maintenance-on = 🔧 Перерыв начался. Новые фильмы не начинаются, начатые идут. Люди читают: <i>{ $sentence }</i>
maintenance-off = ✅ Перерыва нет: фильмы снова можно заказывать.
maintenance-is-on = 🔧 Перерыв начат { $ago }. Люди читают: <i>{ $sentence }</i>
maintenance-is-off = Перерыва нет. Начать: <code>/maintenance on Вернёмся в 15:00</code>
maintenance-long = Слишком длинно, знаков: { $length }. Помещается не больше { $limit }.
maintenance-notice = 🔧 { $sentence }
answer-maintenance = { $sentence }

## Цены и журнал

price-usage = Изменить: <code>/price sora-2 720x1280 6</code>. Вернуть цену каталога: <code>/price sora-2 720x1280 reset</code>
price-title = <b>Токены за секунду</b> (в скобках – как в каталоге, если изменено)
price-done = { $model } { $size }: { $price } за секунду.
price-no-model = Модели { $model } нет. Есть: { $known }.
price-no-size = Размера { $size } у неё нет. Есть: { $known }.
price-number = { $text } не подходит: нужно целое число от 1 до { $most }.
package-usage = Изменить токены, тенге и звёзды пакета: <code>/package small 100 2490 250</code>. Вернуть как в каталоге: <code>/package small reset</code>
package-title = <b>Пакеты токенов</b>
package-line = <code>{ $id }</code>: { $tokens } · { $kzt } · { $stars }
package-done = Пакет { $package }
package-none = Пакета { $package } нет. Есть: { $known }.
package-too-much = Слишком много ({ $field }): самое большее { $limit }.
answer-price = Цена изменилась: теперь { $price }. Посмотрите карточку и нажмите ▶️ ещё раз.
log-empty = Журнал пуст.
log-title = <b>Что делали администраторы</b>
log-line = { $time } · <code>{ $admin }</code> · <b>{ $what }</b> <code>{ $subject }</code> · { $detail }
failure-stopped = Мы его остановили. Вопросы: /paysupport
help-admin =
    <b>Администратору</b>
    /users – люди · /user 123 – один человек
    /topup 123 100 причина – начислить или списать
    /jobs – фильмы · /job 17 – один фильм
    /stats – цифры · /broadcast – рассылка
    /ban 123 · /unban 123 – закрыть или открыть доступ
    /maintenance on – перерыв
    /price · /package – цены и пакеты
    /promo new – промокоды
    /refund – вернуть оплату · /backup – копия базы
    /payments – покупки за месяц таблицей
    /log – что делали администраторы
menu-user = Один человек
menu-jobs = Фильмы
menu-job = Один фильм
menu-stats = Цифры
menu-ban = Закрыть доступ
menu-unban = Открыть доступ
menu-broadcast = Рассылка
menu-maintenance = Перерыв
menu-refund = Вернуть оплату
menu-payments = Покупки за месяц
menu-backup = Копия базы
menu-price = Цены фильмов
menu-package = Пакеты токенов
menu-log = Журнал администраторов

# Порт оператора

alert-operator-port =
    ⚠️ Живая лента и панель не работают: адрес { $address } не открывается (<code>{ $detail }</code>).
    Бот при этом работает. Порт занят другой программой? Укажите в OPERATOR_ADDR свободный и перезапустите; бот пробует открыть порт каждые 30 секунд.

## Копии базы

backup-begun = 💾 Делаю копию базы. Магазин тем временем работает.
backup-not-sqlite = Копии делаются только с SQLite. У вас PostgreSQL: для неё есть <code>pg_dump</code>.
backup-copies = { $copies ->
    [one] На диске сейчас { $copies } копия.
    [few] На диске сейчас { $copies } копии.
   *[other] На диске сейчас { $copies } копий.
}
backup-made-sent =
    💾 Копия базы готова: <code>{ $name }</code>, { $megabytes } МБ. Сейчас придёт сюда файлом.
    Я восстановил её в стороне и проверил счета. Фильмы в неё не входят. { $stay }
backup-made-sealed =
    💾 Копия базы готова: <code>{ $name }</code>, { $megabytes } МБ. Лежит у бота в папке <code>backups</code>.
    Я восстановил её в стороне и проверил счета. Фильмы в неё не входят. { $stay }
backup-made-plain =
    💾 Копия базы готова: <code>{ $name }</code>, { $megabytes } МБ. Лежит у бота в папке <code>backups</code>.
    Я восстановил её в стороне и проверил счета. Фильмы в неё не входят. { $stay }
    Она не зашифрована, поэтому сюда её не посылаю: задайте <code>BACKUP_AGE_RECIPIENT</code>, ваш открытый ключ.
backup-made-large =
    💾 Копия базы готова: <code>{ $name }</code>, { $megabytes } МБ. Лежит у бота в папке <code>backups</code>: для Telegram она слишком велика.
    Я восстановил её в стороне и проверил счета. Фильмы в неё не входят. { $stay }
backup-failed = 💾 Копии нет: <code>{ $reason }</code>. В магазине ничего не изменилось.
backup-caption = 💾 Копия базы, { $megabytes } МБ. Сохраните её в надёжном месте: вернёт её <code>kadr restore</code>.
alert-backup-failed =
    ⚠️ Ночную копию базы сделать не удалось: <code>{ $reason }</code>.
    Повторяю каждые полчаса. Что делать: посмотрите, есть ли место на диске, и отправьте /backup.
alert-backup-again = ✅ Копии базы снова делаются.
alert-backup-books =
    🔴 Копия базы цела, но её счета расходятся, мест: { $count }. Первое: <code>{ $first }</code>
    Что делать: запустите <code>kadr audit</code> и разберитесь, прежде чем продавать дальше.
alert-backup-bucket =
    ⚠️ Копия <code>{ $name }</code> лежит на диске, но хранилище её не приняло: <code>{ $reason }</code>.
    Что делать: проверьте переменные BACKUP_S3 и права ключа.
alert-backup-bucket-again = ✅ Копии базы снова попадают в хранилище.
alert-restored =
    ⚠️ База восстановлена из копии от { $when } UTC. Того, что было позже, в ней нет.
    Возвращены токены за фильмы из очереди: { $films } · остановлено рассылок: { $broadcasts }
    Что делать: сверьте платежи с того времени (Stripe, Kaspi, Stars) с /users и поправьте через /topup.

## Тревоги: каждая говорит, что случилось и что делать

alert-more =
    ⚠️ За этот час ещё таких: { NUMBER($number, useGrouping: 0) }. По одной не сообщаю, вот последняя:

    { $latest }
alert-queue = ⚠️ Фильм № { $job } ждёт очереди уже { $waited }, это дольше, чем должно быть. Берёт ли сервис заказы? Посмотрите /jobs; больше мест в каталоге (<code>concurrency</code>) сократят очередь.
alert-queue-over = ✅ Очередь фильмов снова движется.
alert-audit =
    🔴 Книги не сходятся, расхождений: { NUMBER($count, useGrouping: 0) }.
    <code>{ $first }</code>
    Включите /maintenance, сделайте /backup и разберитесь с <code>kadr audit</code>, пока никто больше не купил.
alert-audit-over = ✅ Книги снова сходятся.
alert-conflict = 🔴 Уже { $since } кто-то другой забирает у Telegram обновления этого бота (409 Conflict), и я ничего не слышу. Найдите вторую копию бота (старый сервис, компьютер разработчика) и остановите её; если её нет, возьмите у @BotFather новый токен.
alert-conflict-over = ✅ Больше никто не забирает обновления этого бота.
alert-disk = ⚠️ Диск занят на { $percent } %, осталось { $free } МБ. Увеличьте его в панели хостинга (уменьшить потом нельзя) или уберите старые резервные копии.
alert-disk-over = ✅ На диске снова есть место.
alert-memory = ⚠️ Бот занял { $percent } % памяти: { $used } из { $limit } МБ. При 100 % машина его завершит. Перезапустите его в тихий час; если повторится, возьмите машину побольше.
alert-memory-over = ✅ Память снова в порядке.
alert-actor = ⚠️ Часть бота упала и запущена заново: <b>{ $actor }</b>, <code>{ $reason }</code>. Ничего не потеряно. Если продолжится, пришлите журнал разработчикам и вернитесь к прошлой версии.
alert-backup-late = ⚠️ Последней копии базы уже { NUMBER($hours, useGrouping: 0) } ч. Сделайте новую: /backup; если не получится, там будет сказано почему.
alert-backup-late-over = ✅ Свежая копия базы снова есть.
alert-started = ℹ️ Работает Kadr { $release }, до этого был { $before }. Подхвачено фильмов: { NUMBER($recovered, useGrouping: 0) }.
alert-crashed = ⚠️ Бота завершили без просьбы (убит, кончилась память или сбой), теперь он снова работает: Kadr { $release }. Подхвачено фильмов: { NUMBER($recovered, useGrouping: 0) }. Если повторится, посмотрите память и журнал около { $at }.

## Цифры

stats-today = Сегодня
stats-week = 7 дней
stats-month = 30 дней
stats-part =
    <b>{ $title }</b>
    Новых людей: { NUMBER($people, useGrouping: 0) }
    Фильмы: ✅ { NUMBER($delivered, useGrouping: 0) } · ✖️ { NUMBER($failed, useGrouping: 0) }
    Доход: { $income }
    Токены: продано { NUMBER($sold, useGrouping: 0) } · потрачено { NUMBER($spent, useGrouping: 0) }
    Себестоимость: { $cost } · маржа: { $margin } ({ $share })
stats-waits = Ждали: обычно { $usual }, девять из десяти до { $long }
stats-caption = Последние 30 дней
stats-draw-title = Kadr: последние 30 дней
stats-draw-films = Фильмы
stats-draw-delivered = доставлено
stats-draw-failed = не получилось
stats-draw-income = Доход по способам оплаты, ≈ $
stats-draw-margin = Себестоимость и маржа, $
stats-draw-cost = себестоимость
stats-draw-left = маржа
stats-draw-waits = Ожидание, мин
stats-draw-usual = половина фильмов
stats-draw-long = девять из десяти
stats-rail-stars = Stars
stats-rail-stripe = Stripe
stats-rail-kaspi = Kaspi
