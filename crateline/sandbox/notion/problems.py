"""Notion's refusals: status, code and the sentences that its API really says."""

from typing import Any

CODES = {
    400: "validation_error",
    401: "unauthorized",
    403: "restricted_resource",
    404: "object_not_found",
    409: "conflict_error",
    429: "rate_limited",
    500: "internal_server_error",
    503: "service_unavailable",
    504: "gateway_timeout",
    529: "service_overload",
}

MESSAGES = {
    401: "API token is invalid.",
    403: "Insufficient permissions for this endpoint.",
    409: "Conflict occurred while saving. Please try again.",
    429: "You have been rate limited. Please try again in a few minutes.",
    500: "Unexpected error occurred.",
    503: "Public API service is temporarily unavailable, please try again later.",
    504: "Gateway timeout. Please try again later.",
    529: "Notion is currently overloaded. Please try again later.",
}


class RefusalError(Exception):
    """An error answer: `status`, `code`, a sentence, and what Notion adds to it."""

    def __init__(self, status: int, message: str, code: str = "", additional: dict[str, Any] | None = None) -> None:
        super().__init__(status, message, code, additional)
        self.status = status
        self.message = message
        self.code = code or CODES[status]
        self.additional = additional

    def body(self, request_id: str) -> dict[str, Any]:
        """Word the error object that goes over the wire."""
        extra = {"additional_data": self.additional} if self.additional else {}
        return {
            "object": "error",
            "status": self.status,
            "code": self.code,
            "message": self.message,
            **extra,
            "request_id": request_id,
        }


def invalid(where: str, complaint: str, *, part: str = "body") -> RefusalError:
    """Refuse a value: `where` is its path, e.g. `body.properties.Tags.multi_select.length`."""
    return RefusalError(400, f"{part} failed validation: {where} {complaint}.")


SHAPES: dict[type, str] = {dict: "an object", list: "an array"}


def require(value: Any, shape: type, where: str) -> Any:
    """Give the value back if it is a dict or a list as asked. Raises RefusalError."""
    if not isinstance(value, shape):
        raise invalid(where, f"should be {SHAPES[shape]}, instead was `{str(value)[:40]}`")
    return value


def too_long(where: str, limit: int, actual: int) -> RefusalError:
    """Refuse a text or a list above its limit."""
    return invalid(f"{where}.length", f"should be ≤ `{limit}`, instead was `{actual}`")


def wrong(message: str) -> RefusalError:
    """Refuse a request that is well formed and makes no sense."""
    return RefusalError(400, message)


def plain(status: int) -> RefusalError:
    """Give the standard refusal of a status that needs no details."""
    return RefusalError(status, MESSAGES[status])
