"""The Celery object: where the broker is, how tasks travel, which modules hold them in line order."""

from collections.abc import Iterable

from celery import Celery
from kombu import Queue

from crateline.messages import NORMAL, QUEUE_NAMES, QUEUES, TASKS, Hint

LONGEST_STATION_S = 6 * 3600
"""The visibility time-out. Far above any station: what a dead worker held is brought back by the due set, in seconds."""

MODULES = {
    "notion-write": ("tasks.notion_write", "tasks.library", "tasks.sessions", "tasks.plays"),
    "download": ("tasks.download",),
    "analyze": ("tasks.analyze",),
    "eagle-import": ("tasks.eagle_import",),
}
"""Where each queue's tasks are. A worker loads only those of the queues it serves: writing to Notion needs no numpy."""

app = Celery(
    "crateline",
    include=[module for modules in MODULES.values() for module in modules],
    set_as_current=False,
)
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    result_backend=None,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,
    worker_send_task_events=True,
    task_send_sent_event=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": LONGEST_STATION_S,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "queue_order_strategy": "priority",
        "priority_steps": [0, 3, 6, 9],
        "socket_keepalive": True,
        "health_check_interval": 30,
    },
    task_queues=[Queue(name) for name in QUEUE_NAMES],
    task_default_queue="notion-write",
    task_create_missing_queues=False,
    enable_utc=True,
)


def connect(url: str) -> Celery:
    """Point the app at a broker. `url` may hold a password and is never logged."""
    app.conf.update(broker_url=url)
    return app


def publish(hints: Iterable[Hint], *, priority: int = NORMAL) -> int:
    """Send hints to their queues, in order; gives how many. A hint that is lost on the way is found by the due set."""
    sent = 0
    with app.producer_or_acquire() as producer:
        for hint in hints:
            app.send_task(
                TASKS[hint.station],
                kwargs=hint.kwargs(),
                kwargsrepr=f"{hint.key} · {hint.title}",
                queue=QUEUES[hint.station],
                priority=priority,
                producer=producer,
                ignore_result=True,
            )
            sent += 1
    return sent
