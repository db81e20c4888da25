"""Ask the panel for `dctx auth`: whether it is a panel, and whose the key is."""

from __future__ import annotations

from ...errors import PanelError
from ...model.account import Identity
from ...model.auth_plan import Request
from ...model.headers import FIELDS
from ...model.neighbours import same_panel
from ...model.profile import Profile
from ...model.resolve import Config
from ..shared.waiting import waiting

# A short limit, since a person waits, and a slow panel will be slow with the key, too.
_SECONDS = 10.0


def require_panel(profile: Profile) -> None:
    """Return if a Dokploy panel answers at the profile's URL; no key is sent.

    Raises Unreachable (exit 5).
    """
    from ...panel.for_profile import headers_for
    from ...panel.http import Panel

    panel = Panel(profile.usable_url(), "", headers_for(profile), limit=_SECONDS)
    with waiting(panel.url, _SECONDS):
        is_up = panel.healthy()
    if not is_up:
        raise PanelError(f"{panel.url} is up, but its database is not. Try again later.")


def who_is(request: Request, config: Config) -> Identity:
    """Return whose the key is; explain a refusal as far as possible.

    If a profile already has this key, more is known about it, so that profile is used.
    """
    from ...panel.http import REQUEST_SECONDS
    from ...panel.refusal import identify

    profile = Profile(request.name, {"url": request.url, **request.fields, **request.headers})
    for known in same_panel(profile, config):
        if known.token == request.key:
            entry = {name: value for name, value in known.raw.items() if name not in FIELDS}
            profile = Profile(known.name, {**entry, **request.headers})
            break
    with waiting(profile.shown_url, REQUEST_SECONDS):
        return identify(profile, request.key, config)
