"""The worker's Celery app: `celery -A workers.app worker`. Boot means: settings, Redis, then what keeps a process healthy."""

from crateline import app as application
from crateline import logs
from crateline import wiring as wired
from workers import lifecycle

wiring = wired.current()
logs.configure(wiring.settings.log_level)
app = application.connect(wiring.redis_url)
lifecycle.install(wiring)
