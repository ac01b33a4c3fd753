import { type Alert, type AlertKind, runbookOf } from '../alert.ts'
import { duration } from './duration.ts'

const titles: Record<AlertKind, string> = {
  models: 'Языковая модель не отвечает',
  channel: 'Нет связи с каналом',
  conflict: 'Мои обновления получает кто-то другой',
  backlog: 'Сообщения ждут слишком долго',
  deadLetters: 'Есть недоставленные ответы',
  overload: 'Сообщения не принимаются',
  errors: 'Много ошибок',
  database: 'База данных была недоступна',
  pool: 'Все соединения с базой данных заняты',
  redis: 'Redis недоступен',
  disk: 'Диск почти заполнен',
  retention: 'Старые сообщения не удаляются',
  backup: 'Нет свежей резервной копии',
  serverErrors: 'Много запросов заканчивается ошибкой',
  modelSlow: 'Языковая модель отвечает медленно',
  escalations: 'Многие просят позвать человека',
  restarts: 'Я перезапускаюсь снова и снова',
  certificate: 'Сертификат моего адреса истекает',
}

function words(alert: Alert): string {
  switch (alert.kind) {
    case 'models':
      return `${alert.models} уже некоторое время не отвечает. Я продолжаю со следующей моделью или с готовыми ответами. Причину назовёт \`parley doctor\`.`
    case 'channel':
      return `${alert.channels}: связи нет пять минут. Причину показывает \`/health\`.`
    case 'conflict':
      return 'Обновления с токеном этого бота получает другой процесс, или установлен вебхук. Остановите его или дайте ему своего бота; если вы о нём не знаете, токен утёк: смените его.'
    case 'backlog':
      return `Без ответа: ${alert.received}; не отправлено: ${alert.queued}; самое старое ждёт ${duration('ru', alert.oldestMs)}. Сначала посмотрите \`/health\`.`
    case 'deadLetters':
      return `Недоставленных ответов: ${alert.count}. \`parley outbox\` покажет, каких и почему, и отправит их снова.`
    case 'overload':
      return 'Приходит больше, чем я успеваю ответить. Отказ не значит потерю: Telegram доставит позже, страница повторяет отправку две минуты.'
    case 'errors':
      return `Неожиданных ошибок за час в одном процессе: ${alert.count}. Они записаны в журнале, место указано в поле \`area\`.`
    case 'database':
      return `Она была недоступна ${duration('ru', alert.awayMs)}. Принятое сохранено; пришедшее за это время не принималось, и платформы доставят его снова.`
    case 'pool':
      return 'Пять минут заняты почти все. Запросы выполняются медленно, или соединений слишком мало.'
    case 'redis':
      return 'Ничего не потеряно, но ответы приходят чуть позже. Проверьте, работает ли он.'
    case 'disk':
      return `Свободно ${alert.freePercent} %. Когда место кончится, принять ничего не получится.`
    case 'retention':
      return `Ежедневная очистка просрочена на ${duration('ru', alert.overdueMs)}.`
    case 'backup':
      return alert.ageMs === undefined
        ? 'Ни одна копия ещё не была сделана и проверена. Сделайте её сейчас (`parley backup`) и включите ежедневные (`backup.daily_at`).'
        : `Возраст последней проверенной копии: ${duration('ru', alert.ageMs)}. Сделайте новую и выясните, почему её не было.`
    case 'serverErrors':
      return `За пять минут ${alert.percent} % запросов к одному процессу закончились моей ошибкой (5xx). Сначала посмотрите \`/health\`, затем журнал.`
    case 'modelSlow':
      return `${alert.models}: за пять минут больше одного запроса из двадцати длилось дольше десяти секунд. Люди ждут; другая модель перед ней поможет сразу.`
    case 'escalations':
      return `В ${alert.percent} % разговоров за последние десять минут просили позвать человека. Чаще всего не отвечают модели, или в FAQ нет того, о чём спрашивают.`
    case 'restarts':
      return `Запусков за полчаса: ${alert.starts}. Если это были не вы, причину называют последние строки журнала перед каждым запуском.`
    case 'certificate':
      return alert.leftMs > 0
        ? `${alert.host}: он действует ещё ${duration('ru', alert.leftMs)} и уже должен был обновиться. После этого не пройдут ни Telegram, ни браузеры.`
        : `${alert.host}: он истёк, прошло ${duration('ru', -alert.leftMs)}. Пока его не обновят, не пройдут ни Telegram, ни браузеры.`
  }
}

export const alertNote = (alert: Alert): string =>
  `**${titles[alert.kind]}**\n\n${words(alert)}\n\nЧто делать: \`docs/runbooks/${runbookOf[alert.kind]}.md\``

export const alertOverNote = (kind: AlertKind): string =>
  `**Снова в порядке**\n\n«${titles[kind]}»: больше нет.`
