import asyncio
from collections.abc import Generator
from functools import partial
from threading import Event

import pytest

from pipelines.serving.worker import TURNS_FIRST, BusyError, Worker


def test_turns_go_first_and_a_transcript_is_not_forgotten() -> None:
    order: list[str] = []
    held = Event()

    def transcript() -> Generator[None, None, str]:
        for piece in range(3):
            order.append(f"piece {piece}")
            yield
        return "record"

    async def ask(worker: Worker) -> str:
        first = asyncio.ensure_future(worker.turn(held.wait))
        whole = asyncio.ensure_future(worker.whole(transcript()))
        turns = [
            asyncio.ensure_future(worker.turn(partial(order.append, f"turn {number}")))
            for number in range(2 * TURNS_FIRST)
        ]
        await asyncio.sleep(0)
        held.set()
        await asyncio.gather(first, *turns)
        return await whole

    with Worker(100) as worker:
        assert asyncio.run(ask(worker)) == "record"

    pieces = [place for place, what in enumerate(order) if what.startswith("piece")]
    assert pieces[0] == TURNS_FIRST - 1  # the turn that everything waited for counts
    assert pieces[1] == pieces[0] + TURNS_FIRST + 1
    assert [what for what in order if what.startswith("turn")] == [
        f"turn {number}" for number in range(2 * TURNS_FIRST)
    ]


def test_no_more_wait_than_may() -> None:
    held = Event()

    async def ask(worker: Worker) -> list[object]:
        asked = [asyncio.ensure_future(worker.turn(held.wait)) for _ in range(5)]
        await asyncio.sleep(0)
        held.set()
        return list(await asyncio.gather(*asked, return_exceptions=True))

    with Worker(3) as worker:
        answers = asyncio.run(ask(worker))
    # One may have been begun before the last ones came.
    assert [type(answer) for answer in answers] in (
        [bool] * 3 + [BusyError] * 2,
        [bool] * 4 + [BusyError],
    )


def test_what_fails_fails_alone() -> None:
    def half() -> Generator[None, None, str]:
        yield
        raise ValueError("half way")

    def fails() -> None:
        raise KeyError("at once")

    async def ask(worker: Worker) -> None:
        with pytest.raises(KeyError):
            await worker.turn(fails)
        with pytest.raises(ValueError, match="half way"):
            await worker.whole(half())
        assert await worker.turn(lambda: "fine") == "fine"

    with Worker(3) as worker:
        asyncio.run(ask(worker))


def test_what_nobody_waits_for_is_not_done() -> None:
    pieces = 0
    begun, held = Event(), Event()

    def endless() -> Generator[None, None, None]:
        nonlocal pieces
        while True:
            pieces += 1
            begun.set()
            yield

    async def ask(worker: Worker) -> None:
        whole = asyncio.ensure_future(worker.whole(endless()))
        await asyncio.to_thread(begun.wait)
        whole.cancel()
        await asyncio.wait([whole])
        blocking = asyncio.ensure_future(worker.turn(held.wait))
        given_up = asyncio.ensure_future(worker.turn(lambda: pytest.fail("it was done")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        held.set()
        await blocking

    with Worker(3) as worker:
        asyncio.run(ask(worker))  # leaving would never end, were the transcript still worked at
