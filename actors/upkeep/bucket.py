"""A bucket of S3 or of anything that speaks its protocol, for backups. Blocking: run it in a worker thread.

`obstore` is an optional extra, and loaded only where a bucket is set. Old files are the bucket's own business: give it
a rule that expires them, and Kadr's key no right to delete.
"""

import importlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from actors.settings import BackupSettings

SECONDS = 120
"""For one request: a part of a file goes with each."""
RETRY_SECONDS = 60


class NotStored(Exception):
    """The bucket did not take the file; the message says why."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where to put files, and the key for it."""

    name: str
    folder: str
    endpoint: str | None
    region: str | None
    key_id: str
    secret: SecretStr

    def put(self, file: Path) -> None:
        """Upload the file under its own name. Raises `NotStored`."""
        obstore: Any = importlib.import_module("obstore")
        s3: Any = importlib.import_module("obstore.store").S3Store
        config: dict[str, Any] = {"access_key_id": self.key_id, "secret_access_key": self.secret.get_secret_value()}
        if self.endpoint:
            config |= {"endpoint": self.endpoint, "virtual_hosted_style_request": False}
        if self.region:
            config["region"] = self.region
        try:
            store = s3(
                self.name,
                prefix=self.folder or None,
                client_options={
                    "timeout": timedelta(seconds=SECONDS),
                    "allow_http": (self.endpoint or "").startswith("http://"),
                },
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
                **config,
            )
            with file.open("rb") as content:
                obstore.put(store, file.name, content)
        except Exception as error:  # its errors have a base class of their own, and not all of them
            first = str(error).strip().partition("\n")[0]
            raise NotStored(first[:300] or type(error).__name__) from error


def bucket_of(settings: BackupSettings) -> Bucket | None:
    """The bucket in the settings, if there is one."""
    if settings.backup_s3_url is None:
        return None
    assert settings.backup_s3_access_key_id is not None
    assert settings.backup_s3_secret_access_key is not None
    url = urlsplit(settings.backup_s3_url)
    return Bucket(
        url.netloc,
        url.path.strip("/"),
        settings.backup_s3_endpoint,
        settings.backup_s3_region,
        settings.backup_s3_access_key_id,
        settings.backup_s3_secret_access_key,
    )
