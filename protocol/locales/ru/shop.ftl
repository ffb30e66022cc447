# Тексты для людей, по-русски. Текстовые аргументы уже экранированы для HTML Телеграма.
# Количества токенов приходят целиком, со своим существительным: см. `tokens`.

-bot = Kadr

tokens = { $n ->
    [one] { NUMBER($n, useGrouping: 0) } токен
    [few] { NUMBER($n, useGrouping: 0) } токена
   *[other] { NUMBER($n, useGrouping: 0) } токенов
}
duration-seconds = { $seconds } с
duration-minutes = { $minutes } мин
duration-both = { $minutes } мин { $seconds } с

## Первые минуты

start-new =
    Здравствуйте, { $name }! Я снимаю короткие фильмы по словам.

    Дарю вам { $balance } для знакомства. Напишите, что должно происходить в фильме, например:

    <i>{ example-prompt }</i>
start-again =
    С возвращением, { $name }! У вас { $balance }.

    Напишите, что должно происходить в фильме, и я покажу цену.
example-prompt = Беркут парит над снежными пиками близ Алматы на рассвете, медленная камера
new-film =
    Что должно происходить в фильме? Напишите одним сообщением, например:

    <i>{ example-prompt }</i>
help =
    <b>Как это работает</b>
    1. Напишите, что должно происходить в фильме.
    2. Посмотрите карточку: модель, длину, размер и цену. ⚙️ их меняет.
    3. Нажмите ▶️. Я покажу, как идёт работа, и пришлю фильм.

    Если фильм не получится, токены вернутся сами.

    /new – новый фильм
    /videos – мои фильмы
    /balance – мои токены
    /buy – пополнить баланс
    /cancel – отменить то, что не началось
    /lang – язык
    /terms – условия
    /paysupport – помощь с оплатой
terms =
    <b>Условия</b>
    Токены тратятся только на фильмы. Вы платите лишь за фильм, который до вас дошёл: если не дошёл, токены сразу возвращаются.

    Фильмы делает ИИ по вашим словам. Не просите того, что запрещает закон, и не снимайте настоящих людей без их согласия: сервис откажет, а токены вернутся.

    Вопросы об оплате: /paysupport
paysupport =
    <b>Помощь с оплатой</b>
    Напишите { $admin } одним сообщением, что случилось, и укажите свой номер: <code>{ $user_id }</code>. Каждый платёж мы смотрим сами и отвечаем в течение дня.
admin-contact = <a href="tg://user?id={ $id }">администратору</a>
buy-by-admin =
    <b>Пополнить баланс</b>
    У вас { $balance }. Чтобы получить ещё, напишите { $admin } и укажите свой номер: <code>{ $user_id }</code>.
unknown-command = Такой команды я не знаю. Всё, что умею: /help
not-text = Я понимаю слова: напишите, что должно происходить в фильме.
not-photo = Начинать с картинки я пока не умею. Напишите словами, что должно происходить в фильме.
nothing-on-sale = Сейчас ничего нет в продаже. Загляните чуть позже.
picture-words = Хороший первый кадр. Теперь напишите, что должно происходить в фильме.
picture-not_an_image = Этот файл не картинка, с него не начать. Пришлите фото или файл JPEG, PNG, WebP.
picture-animated = Движущаяся картинка не может быть первым кадром. Пришлите неподвижную.
picture-too_small = Картинка слишком мала, чтобы начать с неё фильм. Пришлите побольше.
picture-too_large_file = Файл слишком велик: я принимаю до 20 МБ. Пришлите его как фото или уменьшите.
picture-too_many_pixels = В картинке слишком много точек. Пришлите её как фото, и Telegram её уменьшит.
picture-truncated = Картинка дошла повреждённой. Пришлите её ещё раз.
picture-unsupported = Такие картинки я не читаю. Пришлите её как фото или файлом JPEG, PNG, WebP.
picture-lost = Не удалось получить вашу картинку у Telegram. Пришлите её ещё раз.
prompt-too-long = Текст слишком длинный. Знаков в нём: { $length }, а { $model } принимает не больше { $limit }. Сократите его немного.
sorry = У нас что-то сломалось, мы уже разбираемся. Ваши токены на месте. Попробуйте ещё раз.

## Баланс и язык

balance = 💰 У вас { $balance }.
balance-held = 💰 У вас { $balance }. Отложено на фильмы в работе: { $held }.
lang-choose = Выберите язык:
lang-chosen = Теперь говорю по-русски.

## Карточка черновика

card =
    🎬 <b>{ $prompt }</b>

    Модель: <b>{ $model }</b> ({ $note })
    Длина: <b>{ $seconds } с</b>
    Размер: <b>{ $size }</b>
    Цена: <b>{ $price }</b>
    Останется: <b>{ $after }</b>
    Ждать: ≈ { $wait }
card-short =
    🎬 <b>{ $prompt }</b>

    Модель: <b>{ $model }</b> ({ $note })
    Длина: <b>{ $seconds } с</b>
    Размер: <b>{ $size }</b>
    Цена: <b>{ $price }</b>
    У вас { $balance }, не хватает: <b>{ $missing }</b>
    Ждать: ≈ { $wait }
card-started = 🎬 <b>{ $prompt }</b>

    Заказан фильм № { $number }.
    { $model } · { $seconds } с · { $size } · { $price }
card-closed = <s>{ $prompt }</s>

    Отменено.
button-start = ▶️ Снять за { $price }
button-settings = ⚙️ Настройки
button-settings-close = ⚙️ Скрыть
button-cancel = ✖️ Отменить
button-edit = ✏️ Изменить текст
button-buy = 💰 Пополнить
button-again = 🔁 Ещё раз
button-variation = 🎲 Другой вариант
button-film = 🎬 Фильм { $number }
choice-seconds = { $seconds } s
edit-ask = Пришлите новый текст этого фильма одним сообщением.
answer-started = Заказан фильм № { $number }.
answer-already = Этот фильм уже заказан: № { $number }.
answer-short = Не хватает: { $missing }. Пополните баланс и нажмите ▶️ ещё раз.
answer-stale = Эта кнопка больше не действует.
answer-gone = Этого больше нет в продаже. На карточке теперь самое близкое к нему.
answer-variation = Те же слова каждый раз дают другой фильм. Карточка ниже: нажмите ▶️.
answer-rests = { $model } отдыхает: сервис не отвечает. Ничего не списано. Выберите другую модель или попробуйте через { $wait }.

## Заказ

job-queued =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    В очереди: { $place } из { $all }
job-submitting =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    Начинаю…
job-processing =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    { $bar } { $percent } %
    Осталось: ≈ { $left }
job-processing-estimate =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    { $bar } ≈ { $percent } %
    Осталось: ≈ { $left }
job-late =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    { $bar } ≈ { $percent } %
    Дольше обычного, но я жду.
job-checking =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    При заказе оборвалась связь. Проверяю, снимается ли фильм; токены пока не потрачены.
job-sending =
    🎬 Фильм № { $number }: <i>{ $prompt }</i>

    { $bar } 100 %
    Отправляю вам…
job-done = ✅ Фильм № { $number } готов: <i>{ $prompt }</i>
job-cancelled =
    Фильм № { $number } отменён.
    Возвращено: { $refund }. Баланс: { $balance }.
job-failed = ✖️ Фильм № { $number }: <i>{ $prompt }</i>
film-caption =
    🎬 { $prompt }

    Цена: { $price }
    Баланс: { $balance }
failed =
    Фильм № { $number } не получился: <i>{ $prompt }</i>

    { $reason }

    Возвращено: { $refund }. Баланс: { $balance }.
failure-moderation = Сервис съёмки не пропускает такое содержание. Попробуйте сказать другими словами.
failure-moderation_picture = Сервис не принял картинку. Попробуйте другую: он часто отказывает лицам настоящих людей.
failure-picture = Картинку не удалось использовать. Пришлите её ещё раз.
failure-refused = Сервис съёмки не принял этот заказ. Попробуйте другой размер, длину или текст.
failure-backend = Сервис съёмки с ним не справился. Со второго раза часто получается.
failure-unavailable = Сервис съёмки сейчас не отвечает. Попробуйте через несколько минут.
failure-forgotten = Сервис съёмки перезапустился и потерял его. Попробуйте ещё раз.
failure-unknown = При заказе оборвалась связь, и узнать, снят ли фильм, нельзя.
failure-timeout = Он снимался намного дольше положенного.
failure-broken_film = Сервис съёмки прислал файл, который не воспроизводится.
failure-undeliverable = Телеграм не принял файл.
answer-cancelled = Отменено. Возвращено: { $refund }.
answer-too-late = Фильм уже снимается, отменить его нельзя.

cancel-nothing = Отменять нечего.
cancel-done = Отменено. Возвращено: { $refund }. Баланс: { $balance }.
cancel-drafts = Отменено. Баланс: { $balance }.
cancel-at-work = То, что уже снимается, отменить нельзя: № { $numbers }.

## Мои фильмы

videos-none = Фильмов пока нет. Напишите, что должно происходить в первом.
videos = <b>Мои фильмы</b>
videos-line = { $sign } № { $number } · { $seconds } с · <i>{ $prompt }</i>
videos-gone = Этот фильм больше не хранится. 🔁 снимет его заново.

## Администраторы

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
alert-unknown = ⚠️ Заказ { $job }: не удалось узнать, снял ли его { $backend }; покупателю возвращены токены. Загляните в список самого сервиса: <code>{ $detail }</code>
alert-unavailable = ⚠️ { $backend } отказывается работать: <code>{ $detail }</code>. Проверьте ключ, деньги на счёте и OPENAI_BASE_URL.
alert-unreachable = ⚠️ { $backend } недоступен: <code>{ $detail }</code>. Новые фильмы ждут; я продолжаю пробовать и скажу, когда он вернётся.
alert-recovered = ✅ { $backend } снова работает.
alert-undeliverable = ⚠️ Заказ { $job }: Телеграм не принял фильм, покупателю возвращены токены: <code>{ $detail }</code>
alert-refused = ⚠️ { $backend } отклонил заказ { $job }, хотя каталог такое предлагает; покупателю возвращены токены: <code>{ $detail }</code>. Исправьте каталог, поможет <code>kadr doctor</code>.
alert-retiring = ⚠️ { $model } снимают { $date }, до этого дня она продаётся. Добавьте в каталог замену.
alert-retired = ⚠️ { $model } снята { $date } и больше не предлагается. Уберите её из каталога.
alert-handler = ⚠️ Обновление { $update } не удалось обработать: <code>{ $detail }</code>. Оно лежит во входящих с пометкой failed.
alert-poller = ⚠️ Заказ { $job }: слежение за ним падало раз за разом, покупателю возвращены токены: <code>{ $detail }</code>

## Меню

menu-new = Новый фильм
menu-videos = Мои фильмы
menu-balance = Мои токены
menu-buy = Пополнить баланс
menu-cancel = Отменить то, что не началось
menu-lang = Язык
menu-help = Как это работает
menu-terms = Условия
menu-paysupport = Помощь с оплатой
menu-users = Люди
menu-topup = Начислить или списать токены
