"""The sharings this party holds, by handle, for as long as an array shows them."""

from weakref import WeakValueDictionary

from mpckernel.runtime.call import Call, Handle


class Store:
    """Committed calls. A handle is the same at every party; the parts are not."""

    def __init__(self) -> None:
        self._held: WeakValueDictionary[Handle, Call] = WeakValueDictionary()

    def commit(self, calls: list[Call]) -> None:
        """Take what a cell made."""
        for call in calls:
            if call.handle is not None:
                self._held[call.handle] = call

    def __len__(self) -> int:
        return len(self._held)

    def close(self) -> None:
        """The room is left: its sharings mean nothing in another, where parties sit elsewhere."""
        for call in self.calls():
            if call.kind != "public":
                call.result = None

    def calls(self) -> list[Call]:
        """All that is held now."""
        return list(self._held.values())


def drop(calls: list[Call]) -> None:
    """Forget the results of a cell that did not commit."""
    for call in calls:
        if call.op is not None:
            call.result = call.handle = None
        call.private = None
