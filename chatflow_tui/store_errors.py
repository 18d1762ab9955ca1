"""What may go wrong when a store is asked for something."""

from __future__ import annotations

from chatflow_core import ChatFlowError

#: A store that lacks an optional method says which; that is for the reader too, and no reason to end.
STORE_ERRORS = (ChatFlowError, NotImplementedError)
