"""The panel asked by `dctx auth`: whether it is one, and whose the key is."""

from __future__ import annotations

from ...errors import PanelError
from ...model.account import Identity
from ...model.auth_plan import Request
from ...model.headers import FIELDS
from ...model.neighbours import same_panel
from ...model.profile import Profile
from ...model.resolve import Config
from ..shared.waiting import waiting

# A person waits: a panel that takes longer to say that it lives will not be quick with a key.
_SECONDS = 10.0


def require_panel(profile: Profile) -> None:
    """Return if a Dokploy panel answers at the profile's URL; no key is needed, and none is sent.

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
    """Return what the panel says of the key; a refusal is explained as far as it can be.

    A key that is saved already worked once: more can be told of it.
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
