"""What the calls of providers are checked with, from the settings.

Neighbours: ``schema`` has the sections, ``app`` asks once.
"""

from __future__ import annotations

from importlib.util import find_spec

from digest.errors import ConfigurationError, Fault
from digest.providers.webhook import HookSecrets
from digest.settings.schema import Settings

MIN_SECRET_CHARS = 22  # 128 bits in base64


def hook_secrets(settings: Settings) -> HookSecrets:
    """Return the secrets of webhooks. Raises ConfigurationError: one is weak, or the extra is missing."""
    found = {
        name: settings.secret(f"{name}_hook")
        for name in ("postmark", "brevo", "sparkpost", "mailjet", "mailgun", "sendgrid", "resend")
    }
    secrets = HookSecrets(**found, ses=settings.ses.topics)
    faults = [
        Fault(
            where="digest.secrets.toml",
            problem=f"{name}_hook has fewer than {MIN_SECRET_CHARS} characters",
            mend="Write a random one: `openssl rand -hex 32` makes it.",
        )
        for name, secret in found.items()
        if secret and len(secret) < MIN_SECRET_CHARS
    ]
    if (secrets.sendgrid or secrets.ses) and find_spec("cryptography") is None:
        faults.append(
            Fault(
                where="sendgrid_hook, ses.topics",
                problem="signatures cannot be checked here",
                mend='Install them: pip install "everypost[providers]".',
            )
        )
    if faults:
        raise ConfigurationError(faults)
    return secrets
