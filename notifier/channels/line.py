"""Alerts by LINE, through the messaging API."""

from typing import TYPE_CHECKING

from notifier.channels.base import Message, SendError
from ticketing.config import Line
from ticketing.contacts import Contact

if TYPE_CHECKING:
    from linebot.v3.messaging import AsyncApiClient  # type: ignore[import-untyped]

#: Refusals that no repetition can change: a bad request, a wrong token, a user that cannot be reached.
_FINAL = frozenset({400, 401, 403, 404})
#: The request with this retry key was accepted before.
_ACCEPTED_BEFORE = 409


class LineChannel:
    """Pushes one text at a time; LINE itself drops repetitions by their retry key."""

    def __init__(self, settings: Line) -> None:
        self._settings = settings
        self._client: AsyncApiClient | None = None

    @property
    def deadline_seconds(self) -> float:
        return float(self._settings.timeout_seconds)

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        # Imported here: the SDK (and aiohttp with it) costs 45 MB and 0.6 s, and many offices never send to LINE.
        from aiohttp import ClientError  # noqa: PLC0415
        from linebot.v3.messaging import (  # noqa: PLC0415
            AsyncMessagingApi,
            PushMessageRequest,
            TextMessage,
        )
        from linebot.v3.messaging.exceptions import ApiException  # type: ignore[import-untyped]  # noqa: PLC0415

        request = PushMessageRequest(to=contact.address, messages=[TextMessage(text=message.text)])
        try:
            await AsyncMessagingApi(self._api()).push_message(
                request, x_line_retry_key=retry_key, _request_timeout=deadline_seconds
            )
        except ApiException as error:
            if error.status != _ACCEPTED_BEFORE:
                raise SendError(f"line_{error.status}", permanent=error.status in _FINAL) from None
        except TimeoutError:
            raise SendError("line_timeout", permanent=False) from None
        except ValueError:
            # Accepted: the SDK reads the answer only then, and trips over a form of it that it does not know.
            return
        except (ClientError, OSError):
            raise SendError("line_connection", permanent=False) from None

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _api(self) -> "AsyncApiClient":
        # Made inside the running loop, because it opens its session at once; then kept.
        from linebot.v3.messaging import AsyncApiClient, Configuration  # noqa: PLC0415

        if self._client is None:
            self._client = AsyncApiClient(
                Configuration(host=self._settings.api_url, access_token=self._settings.channel_access_token.reveal())
            )
        return self._client
